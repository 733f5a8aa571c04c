import { assert, assertEquals, assertInstanceOf, assertLess, assertThrows } from "@std/assert";
import { deploy, io, nn } from "../../mod.ts";
import { FormatError, load } from "../../src/edge/mod.ts";
import { numbers } from "../support/numbers.ts";

const model = nn.sequential([nn.bilinear(6, 4), nn.linear(4, 3)], { seed: 1 });
const packed = deploy.pack(model, { precision: "int8", eigenvectors: 2 }).bytes;

/** Asserts that bytes are refused with a message, and with the place of the fault; returns the error. */
function assertRefused(bytes: Uint8Array, message: string): FormatError {
  const error = assertThrows(() => load(bytes, { name: "x.odot" }), FormatError, message);
  assert(error.offset !== undefined, `no offset: ${error.message}`);
  assert(0 <= error.offset && error.offset <= bytes.length, `offset ${error.offset}`);
  assertEquals(error.source, "x.odot");
  assertLess(error.message.length, 600);
  return error;
}

type Contents = ReturnType<typeof io.readSafetensors>;

/** The packed file with its contents changed. */
function changed(change: (contents: Contents) => void, bytes = packed): Uint8Array {
  const contents = io.readSafetensors(bytes);
  change(contents);
  return io.writeSafetensors(contents.tensors, contents.metadata);
}

/** What stands in the file from an offset on. */
function textAt(bytes: Uint8Array, offset: number): string {
  return new TextDecoder().decode(bytes.subarray(offset, offset + 40));
}

Deno.test("load() refuses bytes that are no model, cut short anywhere, or too long", () => {
  assertRefused(new Uint8Array(0), "safetensors");
  assertRefused(new TextEncoder().encode("<!doctype html><p>not here"), "web page");
  for (const saved of [packed, io.save(model)]) {
    for (let length = 0; length < saved.length; length += 7) {
      assertRefused(saved.subarray(0, length), "x.odot");
    }
    assertRefused(saved.subarray(0, saved.length - 1), "truncated");
    assertEquals(
      assertRefused(Uint8Array.of(...saved, 0), "remove what follows").offset,
      saved.length,
    );
  }
  assertThrows(() => load("model" as unknown as Uint8Array), TypeError, "pass a Uint8Array");
});

Deno.test("load() refuses other versions and unknown precisions, and points at them", () => {
  for (
    const [key, value, message] of [
      ["odot.packed", "2", 'version "2" of the format, and this odot reads 1'],
      ["odot.precision", "int4", 'precision "int4" is none of f32, f16, int8'],
      ["odot.precision", "toString", "is none of"],
    ] as const
  ) {
    const bytes = changed(({ metadata }) => metadata[key] = value);
    const { offset } = assertRefused(bytes, message);
    assertEquals(textAt(bytes, offset!).slice(0, value.length + 2), JSON.stringify(value));
  }
  const saved = changed(({ metadata }) => metadata["odot.version"] = "9", io.save(model));
  assertRefused(saved, 'version "9"');
  assertRefused(changed(({ metadata }) => delete metadata["odot.precision"]), 'precision ""');
});

Deno.test("load() says what to do with files of other programs", () => {
  const foreign = io.writeSafetensors({
    w: { dtype: "F32", shape: [1], data: Float32Array.of(1) },
  });
  assertRefused(foreign, 'has no "odot.model"; give a file of io.save or deploy.pack');
});

Deno.test("load() refuses architectures that are none, that lie, or that it cannot run", () => {
  const layers = (...list: unknown[]): string =>
    JSON.stringify({ type: "sequential", layers: list });
  const norm = { type: "rmsNorm", width: 1e12, scale: false, epsilon: 0 };
  const cases: [architecture: string, message: string][] = [
    ["{", "no JSON"],
    ["null", '"sequential"'],
    [layers({ type: "spline" }), '"spline"'],
    [layers({ type: "linear", inputs: 1e15, outputs: 3, bias: true }), "0.weight"],
    [layers({ type: "linear", inputs: 4, outputs: 3, bias: true }), '"0.weight"'],
    [layers({ type: "activation", kind: "relu" }), "no size"],
    [layers({ type: "embedding", count: 4, width: 3 }), "a layer of type embedding"],
    [layers({ type: "attention", width: 6, heads: 1, base: 1e4 }), "a layer of type attention"],
    [
      layers({ type: "block", layers: [{ type: "attention", width: 6, heads: 1, base: 1e4 }] }),
      "which takes sequences; run the model with nn",
    ],
  ];
  for (const [architecture, message] of cases) {
    const bytes = changed(({ metadata }) => metadata["odot.model"] = architecture);
    const { offset } = assertRefused(bytes, message);
    assert(offset! >= 8);
  }
  const hollow = io.writeSafetensors({}, { "odot.version": "1", "odot.model": layers(norm) });
  assertThrows(() => load(hollow), FormatError, "bytes of memory");
});

Deno.test("load() refuses tensors that are missing, too many, or of another type or shape", () => {
  for (
    const name of ["0.weight", "0.weight.scale", "1.bias", "eigen.vectors", "eigen.vectors.scale"]
  ) {
    assertRefused(changed(({ tensors }) => delete tensors[name]), `"${name}"`);
  }
  const extra = changed(({ tensors }) => tensors["optimizer/m"] = tensors["1.bias"]!);
  const { offset } = assertRefused(extra, 'no parameter for tensor "optimizer/m"');
  assertEquals(textAt(extra, offset!).slice(0, 9), '{"dtype":');
  const retyped = changed(({ tensors }) => tensors["0.weight"] = tensors["1.bias"]!);
  assertRefused(retyped, "and must be I8[8, 6]");
  const values = { dtype: "F32", shape: [6], data: new Float32Array(6) } as const;
  assertRefused(changed(({ tensors }) => tensors["eigen.values"] = values), "eigen.values");
  const none = { dtype: "F32", shape: [3, 0], data: new Float32Array(0) } as const;
  assertRefused(changed(({ tensors }) => tensors["eigen.values"] = none), "eigen.");
});

Deno.test("load() refuses weights that are not finite, and points at the first", () => {
  for (const precision of ["f32", "f16", "int8"] as const) {
    const { bytes } = deploy.pack(model, { precision, eigenvectors: 1 });
    const { tensors } = io.readSafetensors(bytes);
    for (const [name, { dtype, data }] of Object.entries(tensors)) {
      if (dtype !== "F32" && dtype !== "F16") continue;
      const at = data.length - 1,
        bad = changed(({ tensors }) => {
          (tensors[name]!.data as Float32Array)[at] = dtype === "F32" ? NaN : 0x7c00;
        }, bytes);
      const { offset } = assertRefused(bad, `value ${at} of "${name}" is not finite`);
      const width = data.BYTES_PER_ELEMENT;
      const place = bad.slice(offset, offset! + width).buffer;
      if (dtype === "F32") assertEquals(new Float32Array(place)[0], NaN);
      else assertEquals(new Uint16Array(place)[0], 0x7c00);
    }
  }
});

Deno.test("load() withstands any change of a byte: it loads, or throws a FormatError", () => {
  const random = numbers(5);
  for (let i = 0; i < 1500; i++) {
    const bytes = packed.slice();
    const [at, value] = random.whole(2, 0, 255 * bytes.length);
    bytes[at! % bytes.length] = value! % 256;
    try {
      load(bytes).explain(new Float32Array(6).fill(0.1));
    } catch (error) {
      // a factor that became huge may overflow at the input
      if (error instanceof RangeError && /largest f32/.test(error.message)) continue;
      assertInstanceOf(error, FormatError, String(error));
    }
  }
});
