import { assertAlmostEquals, assertEquals } from "@std/assert";
import { readSafetensors, toFloat32, writeSafetensors } from "../../src/formats/mod.ts";

const { state } = await Deno.permissions.query({ name: "read" });
const ignore = state !== "granted";

function readGolden(name: string): Uint8Array {
  return Deno.readFileSync(new URL(`../golden/${name}`, import.meta.url));
}

Deno.test({
  name: "readSafetensors() reads what PyTorch wrote: a network trained on MNIST",
  ignore,
  fn: () => {
    const bytes = readGolden("mnist_model.safetensors");
    const { tensors, metadata } = readSafetensors(bytes, { name: "mnist_model.safetensors" });
    assertEquals({ ...metadata }, { format: "pt", source: "ck_s42_n0.4_wd0.5.pt" });
    // Shape, first value, last value, and sum of squares, from NumPy.
    const expected = [
      ["embed.weight", [256, 784], 0.02178140915930271, -0.02213330939412117, 120.65803308498707],
      ["blocks.0.weight", [512, 256], 0.03094257041811943, 0.03957822546362877, 218.02419305037228],
      ["head.weight", [10, 256], 0.0620904266834259, 0.0561327189207077, 5.7036085068304185],
    ] as const;
    assertEquals(Object.keys(tensors), expected.map(([name]) => name));
    for (const [name, shape, first, last, sumOfSquares] of expected) {
      const tensor = tensors[name]!;
      const values = toFloat32(tensor);
      assertEquals([tensor.dtype, tensor.shape], ["F32", shape]);
      assertEquals([values[0], values.at(-1)], [first, last]);
      const sum = values.reduce((sum, value) => sum + value * value, 0);
      assertAlmostEquals(sum, sumOfSquares, 1e-9);
    }
  },
});

Deno.test({
  name: "writeSafetensors() gives the bytes of the reference implementation",
  ignore,
  fn: () => {
    const bytes = readGolden("every_dtype.safetensors");
    const { tensors, metadata } = readSafetensors(bytes);
    assertEquals(Object.keys(tensors).length, 17);
    assertEquals(writeSafetensors(tensors, metadata), new Uint8Array(bytes));
  },
});

Deno.test({
  name: "readSafetensors() reads every dtype of the reference implementation",
  ignore,
  fn: () => {
    const { tensors } = readSafetensors(readGolden("every_dtype.safetensors"));
    const data = Object.fromEntries(
      Object.entries(tensors).map(([name, tensor]) => [name, tensor.data]),
    );
    assertEquals(data, {
      "u64": BigUint64Array.of(1n, 2n ** 64n - 1n),
      "i64": BigInt64Array.of(1n, -(2n ** 63n)),
      "f64": Float64Array.of(0.1, -1e300),
      "empty": Float32Array.of(),
      "f32": Float32Array.of(1.5, -0.25),
      "\uff5e": Float32Array.of(4),
      "\u{1f600}": Float32Array.of(3),
      "u32": Uint32Array.of(1, 2 ** 32 - 1),
      "i32": Int32Array.of(1, -(2 ** 31)),
      "bf16": Uint16Array.of(0x3fc0, 0xc000),
      "f16": Uint16Array.of(0x3e00, 0xfbff),
      "u16": Uint16Array.of(1, 65535),
      "i16": Int16Array.of(1, -32768),
      "i8": Int8Array.of(1, -128),
      'quote " slash \\ line \n': Uint8Array.of(7),
      "u8": Uint8Array.of(1, 255),
      "bool": Uint8Array.of(1, 0),
    });
  },
});
