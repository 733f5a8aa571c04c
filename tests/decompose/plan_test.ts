import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  blockTerm,
  canonical,
  cp,
  deepInteractions,
  eigen,
  fromFactors,
  hosvd,
  inputModes,
  type Interactions,
  interactions,
  type Method,
  odt,
  plan,
  symmetricCp,
  tensorTrain,
  truncate,
  tucker,
} from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { skewness } from "../support/networks.ts";
import { randomLayer } from "./layers.ts";

const METHODS: readonly Method[] = [
  "eigen",
  "hosvd",
  "tucker",
  "cp",
  "symmetricCp",
  "tensorTrain",
  "blockTerm",
  "canonical",
  "odt",
];

leakChecked("plan() grows with the layer and the rank, and says when it does not fit", () => {
  const small = randomLayer("plain", [40, 10, 4], 1), large = randomLayer("plain", [80, 20, 8], 1);
  for (const method of METHODS) {
    const [a, b] = [plan(small, { method, rank: 2 }), plan(large, { method, rank: 2 })];
    assert(b.bytes > a.bytes && b.flops > a.flops && b.expectedSeconds > a.expectedSeconds);
    assert(plan(large, { method, rank: 6 }).flops >= b.flops);
    assertEquals([a.denseBytes, a.fits, a.advice], [8 * 4 * 40 * 40, true, undefined]);
    const refused = plan(small, { method, rank: 2, memoryLimit: 1000 });
    assertEquals(refused.fits, false);
    assert(refused.advice!.includes("memoryLimit"));
  }
  for (const bad of [{ rank: 0 }, { sweeps: -1 }, { memoryLimit: 0 }, { blockRank: NaN }]) {
    assertThrows(() => plan(small, { method: "cp", ...bad }), RangeError, "above 0");
  }
});

leakChecked("a method refuses before it begins what would not fit, with advice", () => {
  const layer = randomLayer("plain", [30, 12, 4], 2), memoryLimit = 10_000;
  const runs: Readonly<Record<string, () => unknown>> = {
    hosvd: () => hosvd(layer, { memoryLimit }),
    tucker: () => tucker(layer, { rank: [2, 2], memoryLimit }),
    tensorTrain: () => tensorTrain(layer, { rank: 2, memoryLimit }),
    cp: () => cp(layer, { rank: 2, memoryLimit }),
    symmetricCp: () => symmetricCp(layer, { rank: 2, memoryLimit }),
    blockTerm: () => blockTerm(layer, { rank: 2, memoryLimit }),
    canonical: () => canonical(layer, { memoryLimit }),
    odt: () => odt(layer, { memoryLimit }),
  };
  for (const [name, run] of Object.entries(runs)) {
    const { message } = assertThrows(run, RangeError, `Cannot run ${name}`) as Error;
    assert(message.includes("9.77 KiB") && message.includes("memoryLimit"), message);
  }
});

leakChecked("plan() of a deep network grows with its widths, and is for odt alone", () => {
  const planned = (width: number, depth: number): { bytes: number; flops: number } => {
    const middle = Array.from({ length: depth - 1 }, () => nn.bilinear(width, width));
    using model = nn.sequential([nn.bilinear(20, width), ...middle, nn.linear(width, 3)]);
    const deep = deepInteractions(model), found = plan(deep, { method: "odt" });
    assertEquals(found.denseBytes, 8 * 3 * 21 ** (2 ** depth));
    assertThrows(() => plan(deep, { method: "cp" }), TypeError, "its method is odt");
    return found;
  };
  const small = planned(30, 2), wide = planned(60, 2), deeper = planned(30, 3);
  for (const more of [wide, deeper]) assert(more.bytes > small.bytes && more.flops > small.flops);
});

leakChecked("toDense() announces its bytes, and refuses above the limit", () => {
  const found = hosvd(randomLayer("plain", [100, 3, 5], 3), { rank: 2 });
  assertEquals(found.denseBytes, 8 * 5 * 100 * 100);
  assertThrows(() => found.toDense({ memoryLimit: 399_999 }), RangeError, "391 KiB");
  assertEquals(found.toDense({ memoryLimit: 400_000 }).data.length, 50_000);
});

/** A layer large enough for Lanczos iteration, with a spectrum that falls. */
function largeLayer(inputs: number, neurons: number): Interactions {
  const draw = numbers(5);
  const readout = matrix(3, neurons, draw.doubles(3 * neurons));
  readout.data.forEach((value, i) => readout.data[i] = value * 0.97 ** (i % neurons));
  return fromFactors({
    left: matrix(neurons, inputs, draw.doubles(neurons * inputs)),
    right: matrix(neurons, inputs, draw.doubles(neurons * inputs)),
    leftBias: draw.doubles(neurons),
    rightBias: new Float64Array(neurons),
    ...{ readout, outputBias: new Float64Array(3) },
  });
}

leakChecked("eigen() of a large layer finds its leading pairs without the others", () => {
  const layer = largeLayer(1031, 520), form = layer.output(1);
  const whole = eigen(form), few = eigen(form, { rank: 5 });
  assertEquals([whole.complete, few.complete], [true, false]);
  assertRelative(few.values, whole.values.slice(0, 5), 1e-10, "values");
  assertRelative(few.vectors.data, whole.vectors.data.slice(0, 5 * 1031), 1e-7, "vectors");
  assert(skewness(few.vectors) < 1e-12);
  assertRelative([few.norm], [whole.norm], 1e-12, "norm");
  assertEquals([...few.spectrum], [...few.values].sort((a, b) => a - b));
  assert(few.residual < 1e-10);
  const rest = Math.hypot(...whole.values.slice(5)) / whole.norm;
  assertRelative([few.relativeError], [rest], 1e-10, "error");
  const x = numbers(6).doubles(1031), { linear, constant } = form;
  const affine = linear.reduce((sum, value, i) => sum + value * x[i]!, constant);
  const kept = few.values.reduce((sum, value, i) => sum + value * few.project(x)[i]! ** 2, 0);
  assertRelative([few.evaluate(x)], [affine + kept], 1e-12, "value");
  const { model, relativeError } = truncate(layer, { rank: 5 });
  using smaller = model;
  assertEquals(smaller.inputs, 1031);
  assert(relativeError > 0.1 && relativeError < 1);
});

leakChecked("eigen() of a large layer whose neurons cancel finds nothing but zero", () => {
  const { left, right, readout, ...rest } = largeLayer(1031, 512);
  const mirrored = readout.data.slice();
  for (let k = 0; k < 512; k += 2) mirrored[k + 1] = -mirrored[k]!;
  const pairs = (source: { data: Float64Array }): Float64Array =>
    source.data.map((_, i) => source.data[Math.floor(i / 2062) * 2062 + i % 1031]!);
  const layer = fromFactors({
    ...rest,
    left: matrix(512, 1031, pairs(left)),
    right: matrix(512, 1031, pairs(right)),
    readout: matrix(3, 512, mirrored),
  });
  const { values, norm, relativeError } = eigen(layer.output(0), { rank: 3 });
  assertEquals([[...values], norm, relativeError], [[0], 0, 0]);
});

leakChecked("weights that are not finite, and what is no quadratic layer, are refused", () => {
  const good = randomLayer("biased", [4, 3, 2], 4);
  for (
    const [name, bad] of [["left", NaN], ["readout", Infinity], ["rightBias", -Infinity]] as const
  ) {
    const source = good[name],
      copy = source instanceof Float64Array
        ? source.slice()
        : { ...source, data: source.data.slice() };
    const data = copy instanceof Float64Array ? copy : copy.data;
    data[2] = bad;
    assertThrows(
      () => fromFactors({ ...good, [name]: copy }),
      RangeError,
      `number 2 of ${name} is ${bad}`,
    );
  }
  for (const gate of ["relu", "gelu", "silu", "sigmoid"] as const) {
    using model = nn.sequential([nn.bilinear(4, 3, { gate }), nn.linear(3, 2)]);
    const error = assertThrows(() => interactions(model), TypeError, `a gate of ${gate}`) as Error;
    assert(error.message.includes("layer 0") && error.message.includes("without a gate"));
  }
  using rectified = nn.sequential([nn.linear(4, 3), nn.relu(), nn.linear(3, 2)]);
  const error = assertThrows(() => interactions(rectified), TypeError, "type activation") as Error;
  assert(error.message.includes("bilinear"), error.message);
});

leakChecked("methods that need a rank say so, and counts must be counts", () => {
  const layer = randomLayer("plain", [5, 4, 3], 6);
  for (const run of [cp, symmetricCp, blockTerm]) {
    assertThrows(() => run(layer, {} as { rank: number }), TypeError, "without a rank");
    assertThrows(() => run(layer, { rank: 2, sweeps: 0.5 }), RangeError, "sweeps 0.5");
  }
  assertThrows(() => cp(layer, { rank: 2, restarts: -1 }), RangeError, "starts 0");
  assertThrows(() => tucker(layer, { rank: [2, 2], sweeps: -1 }), RangeError);
  assertThrows(() => symmetricCp(layer, { rank: 2, sparsity: -1 }), RangeError, "sparsity -1");
  assertThrows(() => blockTerm(layer, { rank: 2, blockRank: 0 }), RangeError, "rank 0");
  assertThrows(() => blockTerm(layer, { rank: 2, degeneracy: 1 }), RangeError, "within 1");
});

leakChecked("every decomposition refuses a memory limit that is none, 0 and NaN among them", () => {
  using model = nn.sequential([nn.bilinear(3, 4), nn.linear(4, 2)], { seed: 1 });
  const layer = interactions(model);
  for (const memoryLimit of [0, -1, NaN]) {
    const methods = [
      () => hosvd(layer, { memoryLimit }),
      () => tucker(layer, { memoryLimit, rank: 1 }),
      () => tensorTrain(layer, { memoryLimit }),
      () => cp(layer, { memoryLimit, rank: 1 }),
      () => symmetricCp(layer, { memoryLimit, rank: 1 }),
      () => blockTerm(layer, { memoryLimit, rank: 1 }),
      () => canonical(layer, { memoryLimit }),
      () => inputModes(layer, { memoryLimit }),
    ];
    for (const method of methods) assertThrows(method, RangeError, "memoryLimit");
  }
});
