import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import { composedRange, range } from "../../src/guarantee/mod.ts";
import { band, normal } from "../../src/guarantee/composition_activation.ts";
import { normBound } from "../../src/guarantee/composition_set.ts";
import { matrix, svd } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import type { Activation } from "../../src/tensor/mod.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { normalDistribution } from "../support/statistics.ts";

const KINDS: readonly Activation[] = ["relu", "gelu", "gelu-tanh", "silu", "sigmoid", "tanh"];

/** Networks of every layer that has bounds, four inputs wide. */
const DEEP: Readonly<Record<string, () => nn.Layer[]>> = {
  "two bilinear layers": () => [nn.bilinear(4, 5), nn.bilinear(5, 3), nn.linear(3, 2)],
  "three bilinear layers": () => [nn.bilinear(4, 4), nn.bilinear(4, 4), nn.bilinear(4, 2)],
  "residual": () => [nn.linear(4, 6), nn.residual([nn.bilinear(6, 6)]), nn.bilinear(6, 3)],
  "scaled residual of a block": () => [
    nn.residual([nn.block([nn.bilinear(4, 7), nn.linear(7, 4)])], { scale: -0.5 }),
    nn.linear(4, 3),
    nn.linear(3, 2),
  ],
  "norm":
    () => [nn.linear(4, 6), nn.rmsNorm(6, { scale: true }), nn.bilinear(6, 3), nn.linear(3, 2)],
  "norm last": () => [nn.bilinear(4, 6), nn.rmsNorm(6, { epsilon: 0.01 })],
  "activations": () => [nn.linear(4, 5), nn.relu(), nn.linear(5, 5), nn.tanh(), nn.linear(5, 2)],
  "transformer half": () => [
    nn.linear(4, 6),
    nn.residual([nn.rmsNorm(6), nn.bilinear(6, 8, { gate: "silu", beta: 1.7 }), nn.linear(8, 6)]),
    nn.rmsNorm(6),
    nn.linear(6, 3),
  ],
  ...Object.fromEntries(
    (["relu", "gelu", "silu", "sigmoid"] as const).map((gate) =>
      [`gate of ${gate}`, () => [nn.bilinear(4, 6, { gate }), nn.linear(6, 2)]] as const
    ),
  ),
};

function deep(name: string, seed: number): nn.Model {
  const model = nn.sequential(DEEP[name]!(), { seed }), draw = numbers(seed);
  for (const [, parameter] of model.parameters) parameter.set(draw.floats(parameter.size));
  return model;
}

/** A change of length up to the radius, often exactly as long. */
function change(draw: ReturnType<typeof numbers>, n: number, radius: number): Float64Array {
  const raw = draw.doubles(n), size = Math.hypot(...raw) || 1;
  const length = draw.next() < 0.6 ? radius * (1 - 1e-7) : radius * draw.next();
  return raw.map((x) => x / size * length);
}

Deno.test("composedRange() encloses the outputs of every kind of network", () => {
  for (const name of Object.keys(DEEP)) {
    for (let seed = 0; seed < 8; seed++) {
      const model = deep(name, seed), draw = numbers(seed), center = draw.floats(4);
      const radius = 10 ** draw.next(-3, 0.3), { outputs } = model;
      const found = composedRange(model, { center, radius }), pair = found.difference(0, 1);
      for (let i = 0; i < 150; i++) {
        const x = Float32Array.from(change(draw, 4, radius), (d, j) => center[j]! + d);
        const y = model.predict(x);
        for (let o = 0; o < outputs; o++) {
          const slack = 1e-5 * (1 + Math.abs(y[o]!));
          assert(
            y[o]! >= found.lower[o]! - slack,
            `${name}, seed ${seed}: ${y[o]} < ${found.lower[o]}`,
          );
          assert(
            y[o]! <= found.upper[o]! + slack,
            `${name}, seed ${seed}: ${y[o]} > ${found.upper[o]}`,
          );
        }
        const gap = y[0]! - y[1]!, slack = 1e-5 * (1 + Math.abs(y[0]!) + Math.abs(y[1]!));
        assert(gap >= pair.lower - slack && gap <= pair.upper + slack);
      }
      for (let o = 0; o < outputs; o++) {
        assert(found.looseness[o]! >= 1 - 1e-3, `${name}: ${found.looseness[o]}`);
      }
      model[Symbol.dispose]();
    }
  }
});

Deno.test("composedRange() gets tight as the ball shrinks", () => {
  for (const name of Object.keys(DEEP)) {
    const model = deep(name, 3), center = numbers(5).floats(4);
    const widthAt = (radius: number): number => {
      const { lower, upper } = composedRange(model, { center, radius });
      return Math.max(...upper.map((high, o) => high - lower[o]!));
    };
    const { looseness } = composedRange(model, { center, radius: 3e-4 });
    assert(looseness.every((x) => x < 1.5), `${name}: ${looseness}`);
    assert(widthAt(1e-4) < widthAt(1e-3) && widthAt(0) < 1e-10);
    model[Symbol.dispose]();
  }
});

Deno.test("composedRange() is exact for one bilinear layer, whatever is linear around it", () => {
  for (const { name, shape, bias, seed } of NETWORKS) {
    const model = network(shape, bias, seed), center = numbers(seed).doubles(shape.inputs);
    const { lower, upper, exact } = composedRange(model, { center, radius: 0.7 });
    assert(exact);
    const all = interactions(model);
    for (let o = 0; o < model.outputs; o++) {
      const best = range(all.output(o), { center, radius: 0.7 });
      const size = 1e-9 * (1 + Math.abs(best.lower) + Math.abs(best.upper));
      assertAlmostEquals(lower[o]!, best.lower, size, name);
      assertAlmostEquals(upper[o]!, best.upper, size, name);
    }
    model[Symbol.dispose]();
  }
});

Deno.test("composedRange() proves nothing where numbers overflow", () => {
  for (const name of Object.keys(DEEP)) {
    const model = deep(name, 2);
    for (const radius of [1e12, 1e40, 1e160, 1e308]) {
      const { lower, upper, lowest, highest } = composedRange(model, { radius });
      lower.forEach((low, o) => {
        assert(low <= lowest[o]! && upper[o]! >= highest[o]!, `${name} at ${radius}`);
        assert(Number.isFinite(lowest[o]!) && Number.isFinite(highest[o]!));
      });
    }
    model[Symbol.dispose]();
  }
});

Deno.test("composedRange() refuses layers without bounds and balls that are none", () => {
  const model = deep("norm", 1);
  assertThrows(() => composedRange(model, { radius: -1 }), RangeError);
  assertThrows(() => composedRange(model, { radius: NaN }), RangeError);
  assertThrows(() => composedRange(model, { radius: 1, center: [0] }), TypeError);
  assertThrows(() => composedRange(model, { radius: 1, center: [0, 0, 0, NaN] }), RangeError);
  assertThrows(() => composedRange(model, { radius: 1 }).difference(0, 2), RangeError);
  const words = nn.sequential([nn.embedding(4, 4), nn.linear(4, 2)]);
  assertThrows(() => composedRange(words, { radius: 1 }), TypeError, "indices");
  const heads = nn.sequential([nn.attention(4, { heads: 1 }), nn.linear(4, 2)]);
  assertThrows(() => composedRange(heads, { radius: 1 }), TypeError, "attention");
});

Deno.test("band() encloses every activation on every interval", () => {
  const model = (kind: Activation, beta: number): (x: number) => number => {
    const gate = (x: number): number => x >= 0 ? 1 / (1 + Math.exp(-x)) : 1 - 1 / (1 + Math.exp(x));
    const share = (x: number): number => Math.abs(x) < 7 ? normalDistribution(x) : x > 0 ? 1 : 0;
    const cube = (x: number): number => 0.7978845608028654 * (x + 0.044715 * x ** 3);
    return {
      relu: (x: number) => Math.max(0, x),
      gelu: (x: number) => x * share(x),
      "gelu-tanh": (x: number) => 0.5 * x * (1 + Math.tanh(cube(x))),
      silu: (x: number) => x * gate(beta * x),
      sigmoid: gate,
      tanh: Math.tanh,
    }[kind];
  };
  for (const kind of KINDS) {
    const draw = numbers(17);
    for (let i = 0; i < 150; i++) {
      const beta = kind === "silu" ? draw.next(-3, 3) : 1, f = model(kind, beta);
      const low = draw.next(-1, 1) * 10 ** draw.next(-2, 1), high = low + 10 ** draw.next(-6, 1.3);
      const { slope, shift, slack } = band(kind, beta, low, high);
      let worst = 0;
      for (let j = 0; j <= 300; j++) {
        const x = low + (high - low) * j / 300;
        worst = Math.max(worst, Math.abs(f(x) - slope * x - shift));
      }
      assert(worst <= slack + 1e-11, `${kind} on [${low}, ${high}]: ${worst} > ${slack}`);
      assert(slack <= 1.1 * worst + 1e-3 * Math.min(1, high - low) + 1e-9 + 0.02 * (high - low));
    }
  }
  assertAlmostEquals(normal(-5), 2.866515718791939e-7, 1e-19);
  assertAlmostEquals(normal(1), 0.8413447460685429, 1e-15);
});

Deno.test("normBound() is the spectral norm, never below it", () => {
  for (let seed = 0; seed < 40; seed++) {
    const draw = numbers(seed), rows = 1 + seed % 6, columns = 1 + seed % 9;
    const a = matrix(rows, columns, draw.doubles(rows * columns)), exact = svd(a).values[0]!;
    assert(normBound(a) >= exact * (1 - 1e-15) && normBound(a) <= exact * (1 + 1e-6));
  }
});
