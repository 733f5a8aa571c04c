import { assert, assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { random, scope } from "../../src/tensor/mod.ts";
import { readGolden } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

const make = (): nn.Model =>
  nn.sequential(
    [nn.linear(3, 4, { bias: false }), nn.bilinear(4, 5), nn.linear(5, 2)],
    { seed: 4 },
  );

interface File {
  readonly tensors: Record<string, io.TensorData>;
  readonly metadata: Record<string, string>;
}

/** The file of a model as plain data, for spoiling. */
function saved(): File {
  using model = make();
  const { tensors, metadata } = io.readSafetensors(io.save(model));
  return { tensors: { ...tensors }, metadata: { ...metadata } };
}

const bytesOf = ({ tensors, metadata }: File): Uint8Array => io.writeSafetensors(tensors, metadata);

/** Asserts that loading fails with a FormatError that names the file, and takes no memory. */
function assertRefused(bytes: Uint8Array, message: string): void {
  const before = heapUsage();
  const error = assertThrows(() => io.load(bytes, { name: "x.safetensors" }), io.FormatError);
  assert(error.message.includes("x.safetensors"), error.message);
  assert(error.message.includes(message), `${error.message}\nlacks\n${message}`);
  assert(error.message.length < 600, `a message of ${error.message.length} characters`);
  assertEquals([error.name, error.source], ["FormatError", "x.safetensors"]);
  assertEquals(heapUsage().blocks, before.blocks, "blocks in use");
}

leakChecked("load() gives back what save() was given, bit for bit", () => {
  using model = make();
  using copy = io.load(io.save(model));
  assertEquals(copy.config, model.config);
  assertEquals([...copy.parameters.keys()], [...model.parameters.keys()]);
  for (const [name, parameter] of model.parameters) {
    const other = copy.parameters.get(name)!;
    assertEquals([other.shape, other.toArray()], [parameter.shape, parameter.toArray()]);
  }
  const x = scope(() => random(1).normal([7, 3]).toArray());
  assertEquals(copy.predict(x), model.predict(x));
  assertEquals(io.save(copy), io.save(model));
});

leakChecked("load() keeps weights that are odd numbers: −0, subnormal, the largest", () => {
  using model = nn.sequential([nn.linear(4, 1, { bias: false })]);
  const odd = [-0, 2 ** -149, 3.4028234663852886e38, -(2 ** -126)];
  model.assign({ "0.weight": odd });
  using copy = io.load(io.save(model));
  const found = [...copy.parameters.get("0.weight")!.toArray()];
  assert(found.every((value, i) => Object.is(value, odd[i])), `${found}`);
});

leakChecked("save() writes F32 tensors under their names, and the metadata of the caller", () => {
  using model = make();
  const { tensors, metadata } = io.readSafetensors(io.save(model, { task: "digits" }));
  assertEquals(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, dtype, shape]).sort(),
    [
      ["0.weight", "F32", [4, 3]],
      ["1.bias", "F32", [10]],
      ["1.weight", "F32", [10, 4]],
      ["2.bias", "F32", [2]],
      ["2.weight", "F32", [2, 5]],
    ],
  );
  assertEquals(metadata["task"], "digits");
  assertEquals(JSON.parse(metadata["odot.model"]!), model.config);
  using copy = io.load(io.save(model, { "odot.model": "mine", "odot.version": "7" }));
  assertEquals(copy.config, model.config);
});

leakChecked("load() reads weights of other types: F16, BF16, F64, I64", () => {
  const types: io.TensorData[] = [
    { dtype: "F16", shape: [1, 2], data: io.encodeFloat16(Float32Array.of(0.5, -2)) },
    { dtype: "BF16", shape: [1, 2], data: io.encodeBfloat16(Float32Array.of(0.5, -2)) },
    { dtype: "F64", shape: [1, 2], data: Float64Array.of(0.5, -2) },
    { dtype: "I64", shape: [1, 2], data: BigInt64Array.of(3n, -2n) },
  ];
  using model = nn.sequential([nn.linear(2, 1, { bias: false })]);
  const { metadata } = io.readSafetensors(io.save(model));
  for (const tensor of types) {
    using copy = io.load(io.writeSafetensors({ "0.weight": tensor }, metadata));
    assertEquals(
      [...copy.parameters.get("0.weight")!.toArray()],
      [tensor.dtype === "I64" ? 3 : 0.5, -2],
    );
  }
});

leakChecked("load() says what to do with a file of another program", () => {
  assertRefused(
    readGolden("mnist_model.safetensors"),
    'Cannot load a model from x.safetensors: its metadata has no "odot.model"; make the model with nn.sequential and assign() the tensors of readSafetensors ("embed.weight", "blocks.0.weight", "head.weight")',
  );
});

leakChecked("load() refuses bytes that are no safetensors file, or cut short anywhere", () => {
  using model = make();
  const bytes = io.save(model);
  for (const junk of [new Uint8Array(), new Uint8Array(100), Uint8Array.of(1, 2, 3)]) {
    assertRefused(junk, "x.safetensors");
  }
  for (let length = 0; length < bytes.length; length += 13) {
    assertRefused(bytes.subarray(0, length), "x.safetensors");
  }
});

leakChecked("load() refuses another version of the format", () => {
  const file = saved();
  for (const version of ["0", "2", "", "1.0", "9".repeat(1000)]) {
    file.metadata["odot.version"] = version;
    assertRefused(bytesOf(file), "this odot reads 1");
  }
  delete file.metadata["odot.version"];
  assertRefused(bytesOf(file), "this odot reads 1");
});

leakChecked("load() refuses an architecture that is none", () => {
  const linear = { type: "linear", inputs: 3, outputs: 4, bias: false };
  const shape = '{"type":"sequential","layers":[…]} with a layer or more';
  const long = "x".repeat(10_000);
  const wrong: [unknown, string][] = [
    [undefined, "is no JSON"],
    [null, shape],
    [5, shape],
    [[], shape],
    [{}, shape],
    [{ type: "parallel", layers: [linear] }, shape],
    [{ type: "sequential", layers: [] }, shape],
    [{ type: "sequential", layers: {} }, shape],
    [{ type: "sequential", layers: "linear" }, shape],
    [{ type: "sequential", layers: [null] }, "layer 0 is null, no layer"],
    [{ type: "sequential", layers: ["linear"] }, 'layer 0 is "linear", no layer'],
    [
      { type: "sequential", layers: [{}] },
      "layer 0 is of type missing, and this odot knows linear",
    ],
    [
      { type: "sequential", layers: [linear, { ...linear, type: "convolution" }] },
      'layer 1 is of type "convolution", and this odot knows linear, bilinear, activation',
    ],
    [{ type: "sequential", layers: [{ ...linear, type: "__proto__" }] }, "layer 0 is of type"],
    [{ type: "sequential", layers: [{ ...linear, type: long }] }, "layer 0 is of type"],
    [{ type: "sequential", layers: [{ ...linear, inputs: long }] }, "layer 0 has inputs"],
    [{ type: "sequential", layers: [{ ...linear, bias: long }] }, "layer 0 has bias"],
    ...[0, -1, 1.5, 2 ** 53, null, "3", [3], true].map((inputs): [unknown, string] => [
      { type: "sequential", layers: [{ ...linear, inputs }] },
      `layer 0 has inputs ${JSON.stringify(inputs)}, and it must be a whole number ≥ 1`,
    ]),
    [
      { type: "sequential", layers: [{ type: "linear", inputs: 3, bias: true }] },
      "layer 0 has outputs missing, and it must be a whole number ≥ 1",
    ],
    [
      { type: "sequential", layers: [{ ...linear, bias: 1 }] },
      "layer 0 has bias 1, and it must be true or false",
    ],
  ];
  const file = saved();
  for (const [config, message] of wrong) {
    file.metadata["odot.model"] = config === undefined ? "{layers" : JSON.stringify(config);
    assertRefused(bytesOf(file), message);
  }
});

leakChecked(
  "load() refuses layers that do not fit each other, though their tensors fit them",
  () => {
    const config = {
      type: "sequential",
      layers: [
        { type: "linear", inputs: 3, outputs: 4, bias: false },
        { type: "linear", inputs: 5, outputs: 2, bias: false },
      ],
    };
    const tensors: Record<string, io.TensorData> = {
      "0.weight": { dtype: "F32", shape: [4, 3], data: new Float32Array(12) },
      "1.weight": { dtype: "F32", shape: [2, 5], data: new Float32Array(10) },
    };
    const metadata = { "odot.version": "1", "odot.model": JSON.stringify(config) };
    assertRefused(
      bytesOf({ tensors, metadata }),
      "Cannot join layer 0 to layer 1: it gives 4 outputs and the next takes 5 inputs",
    );
  },
);

leakChecked("load() takes no memory for sizes that are merely claimed", () => {
  const file = saved();
  for (const size of [1e9, 2 ** 52, Number.MAX_SAFE_INTEGER]) {
    const layer = { type: "bilinear", inputs: size, outputs: size, bias: true };
    file.metadata["odot.model"] = JSON.stringify({ type: "sequential", layers: [layer] });
    const { top } = heapUsage();
    assertRefused(bytesOf(file), '"0.weight" is [4, 3], and the architecture needs [');
    assertEquals(heapUsage().top, top);
  }
});

leakChecked("load() refuses tensors that are missing, too many, or of another shape", () => {
  const changes: [(tensors: File["tensors"]) => void, string][] = [
    [(tensors) => delete tensors["1.bias"], 'tensor "1.bias" [10] is missing'],
    [
      (tensors) => tensors["9.weight"] = tensors["0.weight"]!,
      'it has no parameter for tensor "9.weight"',
    ],
    [
      (tensors) => tensors["x".repeat(5000)] = tensors["0.weight"]!,
      "it has no parameter for tensor",
    ],
    [
      (tensors) => tensors["0.bias"] = { dtype: "F32", shape: [4], data: new Float32Array(4) },
      'it has no parameter for tensor "0.bias"',
    ],
    [
      (tensors) => tensors["0.weight"] = { ...tensors["0.weight"]!, shape: [3, 4] },
      '"0.weight" is [3, 4], and the architecture needs [4, 3]',
    ],
    [
      (tensors) => tensors["0.weight"] = { ...tensors["0.weight"]!, shape: [12] },
      '"0.weight" is [12], and the architecture needs [4, 3]',
    ],
    [
      (tensors) => tensors["2.bias"] = { dtype: "F32", shape: [0], data: new Float32Array() },
      '"2.bias" is [0], and the architecture needs [2]',
    ],
  ];
  for (const [change, message] of changes) {
    const file = saved();
    change(file.tensors);
    assertRefused(bytesOf(file), message);
  }
});

leakChecked("load() refuses weights that are not finite in f32", () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const file = saved();
    file.tensors["2.bias"] = { dtype: "F32", shape: [2], data: Float32Array.of(0, value) };
    assertRefused(bytesOf(file), `Cannot assign to "2.bias": value 1 is ${value}`);
  }
  const file = saved();
  file.tensors["2.bias"] = { dtype: "F64", shape: [2], data: Float64Array.of(1e300, 0) };
  assertRefused(bytesOf(file), 'Cannot assign to "2.bias": value 0 is Infinity');
});

leakChecked(
  "load() keeps its message short for a file of thousands of tensors with long names",
  () => {
    const tensors = Object.fromEntries(
      Array.from({ length: 2000 }, (_, i): [string, io.TensorData] => [
        `${"x".repeat(200)}${i}`,
        { dtype: "U8", shape: [0], data: new Uint8Array() },
      ]),
    );
    assertRefused(bytesOf({ tensors, metadata: {} }), 'its metadata has no "odot.model"');
  },
);

leakChecked("load() calls unnamed bytes bytes", () => {
  const error = assertThrows(() => io.load(new Uint8Array(3)), io.FormatError, "bytes");
  assertEquals(error.source, "bytes");
});
