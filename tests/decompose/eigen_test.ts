import { assert, assertEquals, assertThrows } from "@std/assert";
import { eigen, fromFactors, type Interactions, interactions } from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import { bilinear, sequential } from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { distance, network, NETWORKS, outerSum, rowOf, skewness } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

/** Interactions of one output in f64: Σ_k readout_k (left_k·x)(right_k·x). */
function neurons(
  inputs: number,
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  readout: readonly number[],
): Interactions {
  const h = readout.length;
  return fromFactors({
    left: matrix(h, inputs, left),
    right: matrix(h, inputs, right),
    leftBias: new Float64Array(h),
    rightBias: new Float64Array(h),
    readout: matrix(1, h, readout),
    outputBias: new Float64Array(1),
  });
}

for (const { name, shape, bias, seed } of NETWORKS) {
  const most = Math.min(shape.inputs, 2 * shape.neurons, ...shape.before);

  leakChecked(`eigen() gives orthonormal eigenvectors of Q, largest |λ| first (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), n = shape.inputs;
    for (let o = 0; o < whole.outputs; o++) {
      const form = whole.output(o),
        { values, vectors, residual, relativeError, spectrum } = eigen(form);
      assertEquals([vectors.rows, vectors.columns], [values.length, n]);
      const width = Math.min(n, 2 * shape.neurons, shape.before.at(-1) ?? n);
      assertEquals(spectrum.length, width, "the small matrix is larger than need be");
      assert(values.length <= most, `${values.length} values, at most ${most} can differ from 0`);
      assert(values.filter((value) => value > 0).length <= shape.neurons, "too many above 0");
      assert(values.filter((value) => value < 0).length <= shape.neurons, "too many below 0");
      assert(skewness(vectors) < 1e-13, `not orthonormal by ${skewness(vectors)}`);
      values.forEach((value, i) => i && assert(Math.abs(values[i - 1]!) >= Math.abs(value)));
      spectrum.forEach((value, i) => i && assert(spectrum[i - 1]! <= value));
      const { data } = form.dense();
      values.forEach((value, i) => {
        const v = rowOf(vectors, i);
        const gap = v.map((x, a) =>
          v.reduce((sum, y, b) => sum + data[a * n + b]! * y, -value * x)
        );
        assert(
          distance(gap) <= 1e-13 * Math.abs(values[0]!),
          `pair ${i} is off by ${distance(gap)}`,
        );
      });
      assert(residual < 1e-13 && relativeError < 1e-13);
      assertRelative(outerSum(values, vectors), data, 1e-13, "Σ λvvᵀ");
    }
  });

  leakChecked(`eigen() evaluates to what the form does (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), draw = numbers(seed + 3);
    const spaces = shape.before.length ? ["input", "embedding"] as const : ["input"] as const;
    for (const space of spaces) {
      for (const kind of ["separate", "homogeneous"] as const) {
        for (const form of [whole.output(0), whole.difference(whole.outputs - 1, 0)]) {
          const all = eigen(form, { space, bias: kind }), x = draw.doubles(shape.inputs, -2, 2);
          assertEquals([all.space, all.bias, all.form], [space, kind, form]);
          const scale = all.values.reduce(
            (sum, value, i) => sum + Math.abs(value) * all.project(x)[i]! ** 2,
            1,
          );
          assertRelative([scale, all.evaluate(x)], [scale, form.evaluate(x)], 1e-13, "value");
          if (kind === "homogeneous") {
            assertEquals(all.vectors.columns, shape.inputs + 1);
            assertEquals([all.constant, ...all.linear].some((part) => part !== 0), false);
          } else {
            assertEquals([all.constant, ...all.linear], [form.constant, ...form.linear]);
          }
        }
      }
    }
  });

  leakChecked(`relativeError is ‖Q − Σλvvᵀ‖ / ‖Q‖ at every rank (${name})`, () => {
    using model = network(shape, bias, seed);
    const form = interactions(model).output(0), { data } = form.dense(), all = eigen(form);
    for (let rank = 1; rank <= most + 1; rank++) {
      const kept = eigen(form, { rank });
      assertEquals(kept.values, all.values.slice(0, rank));
      assertEquals(kept.vectors.data, all.vectors.data.slice(0, kept.vectors.data.length));
      assertEquals(kept.spectrum, all.spectrum);
      const error = distance(data, outerSum(kept.values, kept.vectors)) / distance(data);
      assert(Math.abs(error - kept.relativeError) < 1e-13, `${error}, not ${kept.relativeError}`);
    }
  });
}

leakChecked("eigen() of one neuron has the values α(w·v ± ‖w‖‖v‖)/2 and the vectors ŵ ± v̂", () => {
  const draw = numbers(21);
  for (const n of [1, 2, 3, 8, 33]) {
    for (const alpha of [1, -0.7, 3]) {
      const w = draw.doubles(n), v = draw.doubles(n);
      const dot = w.reduce((sum, x, i) => sum + x * v[i]!, 0);
      const [lengthW, lengthV] = [distance(w), distance(v)];
      const { values, vectors } = eigen(neurons(n, w, v, [alpha]).output(0));
      const expected = [1, -1].map((sign) => ({
        value: alpha * (dot + sign * lengthW * lengthV) / 2,
        vector: w.map((x, i) => x / lengthW + sign * v[i]! / lengthV),
      })).sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, n);
      assertRelative(values, expected.map(({ value }) => value), 1e-14, `values, n = ${n}`);
      expected.forEach(({ vector }, i) => {
        const found = rowOf(vectors, i), length = distance(vector);
        const cosine = found.reduce((sum, x, j) => sum + x * vector[j]! / length, 0);
        assert(Math.abs(Math.abs(cosine) - 1) < 1e-12, `cosine ${cosine}`);
      });
    }
  }
});

leakChecked("eigen() of squares has no eigenvalue below 0, and no more than neurons", () => {
  for (let seed = 0; seed < 60; seed++) {
    for (
      const [n, h] of [[1, 1], [2, 1], [9, 1], [3, 2], [12, 4], [3, 3], [5, 4], [4, 9]] as const
    ) {
      const w = numbers(seed).doubles(n * h);
      const { values } = eigen(neurons(n, w, w, Array(h).fill(1)).output(0));
      assertEquals(values.length, Math.min(n, h), `seed ${seed}, n = ${n}, h = ${h}: ${values}`);
      assert(values.every((value) => value > 0), values.join());
      const trace = w.reduce((sum, x) => sum + x * x, 0);
      assertRelative([values.reduce((sum, x) => sum + x, 0)], [trace], 1e-14, "trace");
    }
  }
});

leakChecked("eigen() finds the rank of neurons that repeat or cancel each other", () => {
  const draw = numbers(31);
  for (const n of [3, 4, 20]) {
    const w = draw.doubles(n), v = draw.doubles(n), u = draw.doubles(n);
    const thrice = eigen(
      neurons(n, [...w, ...w, ...w], [...v, ...v, ...v], [1, 2, -0.5]).output(0),
    );
    const once = eigen(neurons(n, w, v, [2.5]).output(0));
    assertEquals(once.values.length, 2);
    assertRelative(thrice.values, once.values, 1e-13, "one neuron in three parts");
    // w·v − v·w = 0, so that the square of u is left
    const left = eigen(neurons(n, [...w, ...v, ...u], [...v, ...w, ...u], [1, -1, 1e-3]).output(0));
    const square = 1e-3 * u.reduce((sum, x) => sum + x * x, 0);
    assertRelative(left.values, [square], 1e-11, "a square");
  }
});

leakChecked("eigen() of a form that is zero has one eigenvalue, 0", () => {
  const draw = numbers(41);
  for (const n of [1, 2, 3, 12]) {
    const w = draw.doubles(n), v = draw.doubles(n);
    const forms = [
      neurons(n, new Float64Array(n), v, [1]),
      neurons(n, w, v, [0]),
      neurons(n, [...w, ...w], [...v, ...v], [1, -1]),
      neurons(n, [...w, ...v], [...v, ...w], [3, -3]),
    ].map((whole) => whole.output(0));
    for (const form of forms) {
      const { values, vectors, relativeError, evaluate } = eigen(form);
      assertEquals(values.length, 1);
      assert(Math.abs(values[0]!) < 1e-15 && relativeError < 1e-15 === (relativeError === 0));
      assert(vectors.data.every(Number.isFinite));
      assert(Math.abs(evaluate(draw.doubles(n))) < 1e-14);
      assertEquals(eigen(form, { rank: 5 }).values.length, 1);
    }
  }
});

leakChecked(
  "eigen() keeps no more pairs than can differ from zero, whatever rank is asked for",
  () => {
    const w = numbers(51).doubles(20);
    const whole = neurons(10, w, w, [1, -1]);
    const expected = eigen(whole.output(0));
    assertEquals(expected.values.length, 2);
    for (const rank of [2, 3, 10, 11, 1000, Number.MAX_SAFE_INTEGER]) {
      assertEquals(eigen(whole.output(0), { rank }).values, expected.values);
    }
  },
);

leakChecked("relativeError counts what is left out of equal eigenvalues", () => {
  // x² + y² + z² − t²
  const unit = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const form = neurons(4, unit, unit, [1, 1, 1, -1]).output(0);
  for (let rank = 1; rank <= 4; rank++) {
    const { values, relativeError } = eigen(form, { rank });
    assertEquals(values.map(Math.abs), new Float64Array(rank).fill(1));
    assertRelative([1, relativeError], [1, Math.sqrt((4 - rank) / 4)], 1e-14, `rank ${rank}`);
  }
});

leakChecked("eigen() works at every scale of the weights", () => {
  const draw = numbers(61);
  for (const [n, h] of [[4, 3], [10, 2]] as const) {
    const w = draw.doubles(n * h), v = draw.doubles(n * h), readout = [...draw.doubles(h)];
    const plain = eigen(neurons(n, w, v, readout).output(0), { rank: 2 });
    assert(plain.relativeError > 0.01);
    for (const power of [-700, -480, -300, -33, 33, 300, 480, 700]) {
      const scale = 2 ** power;
      const form = neurons(n, w.map((x) => x * scale), v, readout).output(0);
      const { values, vectors, relativeError } = eigen(form, { rank: 2 });
      assertRelative(values.map((x) => x / scale), plain.values, 1e-13, `values at 2^${power}`);
      assertRelative(vectors.data, plain.vectors.data, 1e-11, `vectors at 2^${power}`);
      assertRelative([relativeError], [plain.relativeError], 1e-13, `relativeError at 2^${power}`);
    }
    // the same function with weights of different sizes
    const uneven = eigen(
      neurons(
        n,
        w.map((x) => x * 2 ** 50),
        v.map((x) => x * 2 ** -100),
        readout.map((x) => x * 2 ** 50),
      )
        .output(0),
      { rank: 2 },
    );
    assertRelative(uneven.values, plain.values, 1e-13, "uneven values");
    assertRelative(uneven.vectors.data, plain.vectors.data, 1e-11, "uneven vectors");
  }
});

leakChecked("eigen() tells eigenvalues of every size apart from rounding", () => {
  const n = 5, unit = new Float64Array(n * n);
  for (let i = 0; i < n; i++) unit[i * n + i] = 1;
  const graded = [1, -1e-4, 1e-8, -1e-12, 1e-14];
  const { values } = eigen(neurons(n, unit, unit, graded).output(0));
  assertEquals(values, Float64Array.from(graded));
});

leakChecked("the largest entry of every eigenvector is positive", () => {
  for (const { shape, bias, seed } of NETWORKS) {
    using model = network(shape, bias, seed);
    for (const kind of ["separate", "homogeneous"] as const) {
      const { vectors } = eigen(interactions(model).output(0), { bias: kind });
      for (let r = 0; r < vectors.rows; r++) {
        const v = rowOf(vectors, r), largest = Math.max(...v.map(Math.abs));
        const first = v.find((x) => Math.abs(x) > largest * (1 - 1e-9))!;
        assert(first > 0, `${v}`);
      }
    }
  }
});

leakChecked("project() is v·x, and evaluate() the sum of the kept pairs", () => {
  using model = network({ name: "", inputs: 6, before: [], neurons: 4, after: [2] }, "all", 71);
  const form = interactions(model).output(1), x = numbers(72).doubles(6);
  for (const bias of ["separate", "homogeneous"] as const) {
    const kept = eigen(form, { rank: 3, bias });
    const activations = Array.from(
      kept.values,
      (_, i) => rowOf(kept.vectors, i).reduce((sum, v, j) => sum + v * (j < 6 ? x[j]! : 1), 0),
    );
    assertRelative(kept.project(x), activations, 1e-14, "v·x");
    const linear = kept.linear.reduce((sum, l, i) => sum + l * x[i]!, kept.constant);
    const sum = activations.reduce((total, a, i) => total + kept.values[i]! * a * a, linear);
    assertRelative([kept.evaluate(x)], [sum], 1e-13, "value");
    assertThrows(() => kept.project([1, 2]), TypeError, "an input has 6");
    assertThrows(() => kept.evaluate(new Float64Array(7)), TypeError, "an input has 6");
  }
});

leakChecked("eigen() takes no word for another", () => {
  using model = sequential([bilinear(3, 2)], { seed: 1 });
  const form = interactions(model).output(0), none = "x" as unknown as "input" & "separate";
  assertThrows(() => eigen(form, { space: none }), RangeError, "embedding");
  assertThrows(() => eigen(form, { bias: none }), RangeError, "homogeneous");
});

leakChecked("eigen() refuses ranks that are none and spaces that are not there", () => {
  using model = network({ name: "", inputs: 3, before: [], neurons: 2, after: [] }, "none", 81);
  const form = interactions(model).output(0);
  for (const rank of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => eigen(form, { rank }), RangeError, "whole number ≥ 1");
  }
  assertThrows(() => eigen(form, { space: "embedding" }), TypeError, "use the input space");
});
