import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { assertAlmostEquals } from "@std/assert";
import { configure, data, deploy, io, nn } from "../../mod.ts";
import { load } from "../../src/edge/mod.ts";
import { EDGE_NETWORKS, row } from "../support/edge.ts";
import { leakChecked } from "../support/leaks.ts";

const PRECISIONS = ["f32", "f16", "int8"] as const;

function small(): nn.Model {
  return nn.sequential([nn.bilinear(20, 12), nn.linear(12, 4)], { seed: 1 });
}

function rows(count: number): data.Dataset {
  const labels = Array.from({ length: count }, (_, i) => i % 4);
  return data.dataset({ inputs: row(20 * count, 3), labels, classes: 4 });
}

leakChecked(
  "pack() refuses eigenvectors with values beyond f32, which the edge could not read",
  () => {
    const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 1)]);
    model.assign({ "0.weight": [1e20, 0, 1e20, 0], "1.weight": [1] });
    assertThrows(() => deploy.pack(model, { eigenvectors: 1 }), RangeError, "output 0");
    load(deploy.pack(model).bytes);
    model[Symbol.dispose]();
  },
);

leakChecked("pack() loads at the edge for every network and precision", () => {
  for (const [name, make] of Object.entries(EDGE_NETWORKS)) {
    const model = make();
    for (const precision of PRECISIONS) {
      const packed = deploy.pack(model, { precision }), loaded = load(packed.bytes);
      assertEquals([loaded.precision, loaded.eigenvectors, packed.eigenvectors], [precision, 0, 0]);
      assertEquals(loaded.config, model.config, name);
      assertEquals(packed.size, packed.bytes.length);
      assertEquals(packed.savedSize, io.save(model).length);
      assertEquals(packed.accuracy, undefined);
    }
    model[Symbol.dispose]();
  }
});

leakChecked("pack() states the largest and the relative error of the weights", () => {
  const model = small();
  for (const precision of PRECISIONS) {
    const { bytes, largestError, relativeError } = deploy.pack(model, { precision });
    const { tensors } = io.readSafetensors(bytes);
    let largest = 0, error = 0, total = 0;
    for (const [name, parameter] of model.parameters) {
      const columns = parameter.shape[1] ?? 1, factors = tensors[`${name}.scale`]?.data;
      const stored = io.toFloat32(tensors[name]!);
      parameter.toArray().forEach((value, i) => {
        const factor = factors ? Number(factors[Math.floor(i / columns)]) : 1;
        const difference = Number(value) - Math.fround(stored[i]! * factor);
        if (factors) assert(Math.abs(difference) <= factor * 0.5001, "half a factor at most");
        largest = Math.max(largest, Math.abs(difference));
        error += difference ** 2;
        total += Number(value) ** 2;
      });
    }
    assertEquals(largestError, largest);
    assertAlmostEquals(relativeError, Math.sqrt(error / total), 1e-12);
    assertLess(relativeError, { f32: 1e-30, f16: 4e-4, int8: 6e-3 }[precision]);
  }
  model[Symbol.dispose]();
});

leakChecked("pack() keeps weights exactly that f16 or int8 can hold", () => {
  const model = nn.sequential([nn.linear(3, 2)]);
  model.assign({ "0.weight": [127, -64, 0, 254, 2, -254], "0.bias": [0.1, 1e30] });
  for (const precision of PRECISIONS) {
    const { bytes, largestError } = deploy.pack(model, { precision });
    assertEquals(largestError, 0);
    assertEquals([...load(bytes).predict([0, 0, 0])], [Math.fround(0.1), Math.fround(1e30)]);
  }
  model[Symbol.dispose]();
});

leakChecked("pack() makes files of a half and a quarter of the size", () => {
  const model = nn.sequential([nn.bilinear(784, 64), nn.linear(64, 10)], { seed: 1 });
  const [f32, f16, int8] = PRECISIONS.map((precision) => deploy.pack(model, { precision }).size);
  assertLess(f32!, io.save(model).length + 100);
  assertLess(f16!, f32! * 0.505);
  assertLess(int8!, f32! * 0.26);
  model[Symbol.dispose]();
});

leakChecked("pack() measures on data what the edge computes", () => {
  configure({ kernels: "strict" });
  const model = small(), on = rows(200);
  const exact = deploy.pack(model, { on }).accuracy!;
  assertEquals([exact.rows, exact.agreement, exact.change], [200, 1, 0]);
  assertLess(exact.largestDifference, 1e-6);
  const { bytes, accuracy } = deploy.pack(model, { precision: "int8", on });
  const loaded = load(bytes);
  let right = 0, rightBefore = 0, agreed = 0;
  for (let i = 0; i < on.count; i++) {
    const x = data.row(on, i), after = loaded.predict(x), before = model.predict(x);
    const a = after.indexOf(Math.max(...after)), b = before.indexOf(Math.max(...before));
    if (a === on.labels[i]) right++;
    if (b === on.labels[i]) rightBefore++;
    if (a === b) agreed++;
  }
  assertEquals([accuracy!.after, accuracy!.before], [right / 200, rightBefore / 200]);
  assertEquals(accuracy!.change, (right - rightBefore) / 200);
  assertEquals(accuracy!.agreement, agreed / 200);
  assertEquals(accuracy, deploy.compare(model, bytes, on));
  configure({ kernels: "fast" });
  model[Symbol.dispose]();
});

leakChecked(
  "pack() keeps the caller's metadata, and any reader of safetensors opens the file",
  () => {
    const model = small();
    const { bytes } = deploy.pack(model, { eigenvectors: 2, metadata: { note: "ten digits" } });
    const { tensors, metadata } = io.readSafetensors(bytes);
    assertEquals([metadata["note"], metadata["odot.packed"]], ["ten digits", "1"]);
    assertEquals(tensors["eigen.values"]!.shape, [4, 2]);
    assertEquals(tensors["eigen.vectors"]!.shape, [8, 20]);
    assertThrows(() => io.load(bytes), io.FormatError, "packed for the edge");
    model[Symbol.dispose]();
  },
);

leakChecked("pack() gives the same bytes each time", () => {
  const model = small(), options = { precision: "int8", eigenvectors: 3 } as const;
  assertEquals(deploy.pack(model, options).bytes, deploy.pack(model, options).bytes);
  model[Symbol.dispose]();
});

leakChecked("pack() refuses what it cannot pack, and says what would do", () => {
  const model = small();
  model.assign({ "1.bias": [1, 2, 3, 1e6] });
  deploy.pack(model, { precision: "f16" });
  const weight = model.parameters.get("1.weight")!;
  weight.set(new Float32Array(weight.size).fill(70000));
  assertThrows(() => deploy.pack(model, { precision: "f16" }), RangeError, "choose int8 or f32");
  for (const eigenvectors of [-1, 0.5, NaN]) {
    assertThrows(() => deploy.pack(model, { eigenvectors }), RangeError, "whole number ≥ 0");
  }
  const precision = "int4" as unknown as "int8";
  assertThrows(() => deploy.pack(model, { precision }), RangeError, "choose f32, f16 or int8");
  const wrong = data.dataset({ inputs: row(6, 1), labels: [0, 1] });
  assertThrows(() => deploy.pack(model, { on: wrong }), TypeError, "rows of 3 in 2 classes");
  model[Symbol.dispose]();

  const deep = nn.sequential([nn.bilinear(3, 3), nn.bilinear(3, 2)]);
  assertThrows(() => deploy.pack(deep, { eigenvectors: 1 }), TypeError, "2 bilinear layers");
  assertEquals(load(deploy.pack(deep).bytes).eigenvectors, 0);
  deep[Symbol.dispose]();
  const words = nn.sequential([nn.embedding(5, 4), nn.linear(4, 2)]);
  assertThrows(() => deploy.pack(words), TypeError, "a layer of type embedding");
  words[Symbol.dispose]();
});
