import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import {
  formMoments,
  moments,
  type Noise,
  smoothed,
  tailProbability,
} from "../../src/guarantee/mod.ts";
import { matmul, matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { random, scope } from "../../src/tensor/mod.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { normalDistribution } from "../support/statistics.ts";
import { randomForm } from "./boxes.ts";

/** Normal numbers [count]. */
function normals(count: number, seed: number): Float32Array {
  return scope(() => ({ values: random(seed, 0).normal([count]).toArray() })).values;
}

/** A covariance of every rank. */
function covariance(n: number, seed: number): { noise: Noise; root: Float64Array } {
  const root = numbers(seed).doubles(n * n), s = matrix(n, n, root);
  return { noise: { covariance: matmul(s, s, "NT") }, root };
}

Deno.test("moments() are those of sums over the entries of the forms", () => {
  for (const { shape, bias, seed } of NETWORKS) {
    const model = network(shape, bias, seed), all = interactions(model), n = shape.inputs;
    const x = numbers(seed).doubles(n), { noise, root } = covariance(n, seed);
    const found = moments(all, x, noise), c = matmul(matrix(n, n, root), matrix(n, n, root), "NT");
    const parts = Array.from({ length: all.outputs }, (_, o) => {
      const form = all.output(o), q = form.dense();
      const product = matmul(q, c);
      const slope = form.linear.map((l, i) =>
        l + 2 * x.reduce((sum, value, j) => sum + q.data[i * n + j]! * value, 0)
      );
      let trace = 0;
      for (let i = 0; i < n; i++) trace += product.data[i * n + i]!;
      return { form, product, slope, mean: form.evaluate(x) + trace };
    });
    parts.forEach((a, i) => {
      assertAlmostEquals(found.mean[i]!, a.mean, 1e-10 * (1 + Math.abs(a.mean)));
      parts.forEach((b, j) => {
        const image = matmul(c, matrix(n, 1, b.slope)).data;
        let expected = a.slope.reduce((sum, g, k) => sum + g * image[k]!, 0);
        const twice = matmul(a.product, b.product).data;
        for (let k = 0; k < n; k++) expected += 2 * twice[k * n + k]!;
        const value = found.covariance.data[i * all.outputs + j]!;
        assertAlmostEquals(value, expected, 1e-9 * (1 + Math.abs(expected)));
        assert(found.varianceError[i]! < 1e-6 * (1 + found.covariance.data[i * all.outputs + i]!));
      });
      const one = formMoments(a.form, x, noise);
      assertAlmostEquals(one.mean, a.mean, 1e-10 * (1 + Math.abs(a.mean)));
      const variance = found.covariance.data[i * (all.outputs + 1)]!;
      assertAlmostEquals(one.variance, variance, 1e-9 * (1 + variance));
    });
    model[Symbol.dispose]();
  }
});

Deno.test("formMoments() are those of 40,000 drawn inputs, within four standard errors", () => {
  for (let seed = 0; seed < 6; seed++) {
    const n = 3, form = randomForm(n, 3, seed), x = numbers(seed).doubles(n), count = 40_000;
    const { noise, root } = covariance(n, 50 + seed), z = normals(count * n, seed);
    let sum = 0, squares = 0, fourth = 0, above = 0;
    const { mean, variance } = formMoments(form, x, noise);
    for (let i = 0; i < count; i++) {
      const moved = x.map((value, j) => {
        for (let k = 0; k < n; k++) value += root[j * n + k]! * z[i * n + k]!;
        return value;
      });
      const value = form.evaluate(moved), off = value - mean;
      sum += off;
      squares += off * off;
      fourth += off ** 4;
      if (value > 0) above++;
    }
    const spread = Math.sqrt(fourth / count - (squares / count) ** 2);
    assert(Math.abs(sum / count) < 4 * Math.sqrt(variance / count));
    assert(Math.abs(squares / count - variance) < 4 * spread / Math.sqrt(count));
    const { probability, error, cantelli, chernoff } = tailProbability(form, x, noise);
    const share = above / count, deviation = Math.sqrt(probability * (1 - probability) / count);
    assert(Math.abs(share - probability) < 4 * deviation + error + 1e-4);
    assert(cantelli <= probability + error && chernoff <= probability + error);
  }
});

Deno.test("tailProbability() is the distribution known in closed form", () => {
  const one = (weight: number[], bias: number[]) => {
    const model = nn.sequential([nn.bilinear(weight.length / 2, 1)]);
    model.assign({ "0.weight": weight, "0.bias": bias });
    const form = interactions(model).output(0);
    model[Symbol.dispose]();
    return form;
  };
  // x alone: a normal number
  const linear = tailProbability(one([1, 0], [0, 1]), [0.7], { deviation: 2 });
  assertAlmostEquals(linear.probability, normalDistribution(0.35), 1e-9);
  // x² − 4 and its opposite
  const square = tailProbability(one([1, 1], [2, -2]), [0], { deviation: 1 });
  assertAlmostEquals(square.probability, 2 * (1 - normalDistribution(2)), 1e-6);
  // x·y is above 0 half of the time
  const saddle = tailProbability(one([1, 0, 0, 1], [0, 0]), [0, 0], { deviation: 3 });
  assertAlmostEquals(saddle.probability, 0.5, 1e-9);
  for (const found of [linear, square, saddle]) {
    assert(found.cantelli <= found.probability + found.error);
    assert(found.chernoff <= found.probability + found.error);
  }
});

Deno.test("tailProbability() bounds get close where the margin is large", () => {
  const form = randomForm(12, 9, 2), draw = numbers(4);
  let x = draw.doubles(12);
  while (form.evaluate(x) < 1) x = draw.doubles(12);
  const { probability, error, chernoff, cantelli } = tailProbability(form, x, { deviation: 0.05 });
  assert(probability > 0.99 && error < 1e-6);
  assert(chernoff > cantelli && chernoff > 0.9);
  const still = tailProbability(form, x, { deviation: 0 });
  assert(still.probability === 1 && still.variance === 0);
});

Deno.test("smoothed() is the mean over drawn inputs, with and without an output bias", () => {
  for (const [after, bias] of [[[2], "all"], [[2], "none"], [[], "all"]] as const) {
    const shape = { name: "", inputs: 4, before: [3], neurons: 3, after };
    const model = network(shape, bias, 11), noise = { deviation: 0.4 };
    const { model: smooth, shift, errorBound } = smoothed(model, noise);
    const x = numbers(2).doubles(4), all = interactions(model), { mean } = moments(all, x, noise);
    const exact = interactions(smooth).evaluate(x);
    mean.forEach((value, o) => {
      assertAlmostEquals(exact[o]!, value, errorBound + 1e-12 * (1 + Math.abs(value)));
      assertAlmostEquals(all.evaluate(x)[o]! + shift[o]!, value, 1e-12 * (1 + Math.abs(value)));
    });
    model[Symbol.dispose]();
    smooth[Symbol.dispose]();
  }
});

Deno.test("moments() refuse noise and inputs that are none", () => {
  const form = randomForm(2, 2, 1), all = form.interactions;
  assertThrows(() => moments(all, [1], { deviation: 1 }), TypeError);
  assertThrows(() => moments(all, [1, NaN], { deviation: 1 }), RangeError);
  assertThrows(() => moments(all, [1, 1], { deviation: -1 }), RangeError);
  assertThrows(() => moments(all, [1, 1], { deviation: NaN }), RangeError);
  assertThrows(() => moments(all, [1, 1], { covariance: matrix(1, 1, [1]) }), TypeError);
  assertThrows(() => moments(all, [1, 1], { covariance: matrix(2, 2, [1, 0, 0, -1]) }), RangeError);
  assertThrows(() => formMoments(form, [1], { deviation: 1 }), TypeError);
  assertThrows(() => tailProbability(form, [1, Infinity], { deviation: 1 }), RangeError);
  assertThrows(() => tailProbability(form, [1, 1], { deviation: 1e160 }), RangeError, "too large");
  assertThrows(() => smoothed(nn.sequential([nn.linear(2, 2)]), { deviation: 1 }), TypeError);
});
