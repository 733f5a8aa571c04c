import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Matrix, matrix } from "../../src/linalg/mod.ts";
import {
  cp,
  cpCongruence,
  cpToTensor,
  type DenseTensor,
  denseTensor,
  norm,
} from "../../src/multilinear/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import {
  additionTensor,
  distance,
  hostileTensors,
  randomMatrix,
  randomTensor,
  tensorCases,
  toMatrix,
} from "./support.ts";

inBothBuilds("cp() takes the very sweeps that NumPy took from the same start", () => {
  for (const [name, { cp_als }, x] of tensorCases()) {
    for (const found of cp_als) {
      const { trace, relativeError } = cp(x, {
        ...{ rank: found.rank, start: found.init_factors.map(toMatrix) },
        ...{ lineSearch: false, sweeps: 500, tolerance: 0 },
      });
      const what = `${name}, rank ${found.rank}`;
      const after = (sweep: number): number => trace[Math.min(sweep, trace.length) - 1]!;
      assert(Math.abs(after(1) - found.rel_error_after_1) <= 1e-12, what);
      assert(Math.abs(after(2) - found.after_2) <= 1e-12, what);
      assert(Math.abs(after(10) - found.after_10) <= 1e-11, what);
      assert(Math.abs(after(50) - found.after_50) <= 1e-8, what);
      assert(Math.abs(relativeError - found.after_500) <= 1e-6, what);
    }
  }
});

Deno.test("cp() with restarts is as good as NumPy's best of ten", () => {
  for (const [name, { cp_als }, x] of tensorCases()) {
    for (const { rank, rel_error_best_of_10_random_starts_300_iters: best } of cp_als) {
      const { relativeError, runs } = cp(x, { rank, restarts: 9 });
      assert(relativeError <= best + 1e-6, `${name}, rank ${rank}: ${relativeError} > ${best}`);
      assertEquals(relativeError, Math.min(...runs));
    }
  }
});

/** What holds for every decomposition. */
function assertSound(what: string, x: DenseTensor, found: ReturnType<typeof cp>): void {
  const { weights, factors, trace, relativeError } = found;
  assert(trace.length > 0 && trace.every(Number.isFinite), `${what}: trace ${trace}`);
  trace.forEach((error, i) => assert(i === 0 || error <= trace[i - 1]!, `${what}: ${trace}`));
  assert(Math.abs(distance(found.toDense(), x) - relativeError) <= 1e-7, what);
  weights.forEach((weight, r) => {
    assert(weight >= 0 && (r === 0 || weight <= weights[r - 1]!), `${what}: weights ${weights}`);
    factors.forEach(({ rows, columns, data }, mode) => {
      const column = matrix(rows, 1, data.filter((_, i) => i % columns === r)).data;
      const length = Math.hypot(...column), largest = Math.max(...column.map(Math.abs));
      assert(length === 0 && weight === 0 || Math.abs(length - 1) <= 1e-12, `${what}: ${length}`);
      assert(mode === 0 || column.includes(largest), `${what}: sign of factor ${mode}`);
    });
  });
}

leakChecked("cp() never gets worse on two hundred tensors", () => {
  for (const [what, x] of hostileTensors(210, [3, 5])) {
    const sizes = [...x.shape].sort((a, b) => a - b).slice(0, -1);
    const most = sizes.reduce((a, b) => a * b, 1), seed = x.data.length;
    const [rank] = numbers(seed).whole(1, 1, Math.min(5, most)) as [number];
    const found = cp(x, { rank, sweeps: 12, tolerance: 0, restarts: seed % 2, seed });
    assertSound(what, x, found);
    if (what.startsWith("one entry")) assert(found.relativeError <= 1e-12, what);
    if (what.startsWith("zero")) assertEquals(found.relativeError, 0);
  }
});

Deno.test("cp() is the same at every scale", () => {
  const x = randomTensor([3, 4, 5], numbers(31)), plain = cp(x, { rank: 3, sweeps: 20 });
  for (const power of [2 ** 500, 2 ** -500]) {
    const scaled = { shape: x.shape, data: x.data.map((value) => value * power) };
    const found = cp(scaled, { rank: 3, sweeps: 20 });
    assertEquals(found.trace, plain.trace);
    assertEquals(found.factors, plain.factors);
    assertEquals(found.weights, plain.weights.map((weight) => weight * power));
  }
});

Deno.test("cp() recovers the components of a sum, in any order of modes and signs", () => {
  for (const shape of [[5, 6, 7], [4, 3, 5, 4], [3, 4, 3, 3, 4]]) {
    const source = numbers(shape.length), rank = 3;
    const planted = {
      weights: Float64Array.of(-3, 2, 1.5),
      factors: shape.map((size) => randomMatrix(size, rank, source)),
    };
    const x = cpToTensor(planted), found = cp(x, { rank, tolerance: 1e-13, restarts: 5 });
    assert(found.relativeError <= 1e-6, `[${shape}]: ${found.relativeError}`);
    assert(cpCongruence(planted, found).score >= 1 - 1e-6);
    assertEquals(found.degenerate, []);
  }
});

Deno.test("cp() finds rank 3 in addition modulo p, and that 2 is not enough", () => {
  for (const p of [5, 7, 13, 23]) {
    const x = additionTensor(p);
    assert(cp(x, { rank: 3, seed: p }).relativeError <= 1e-6, `p = ${p}`);
    // two real products do not make a complex one: no rank-2 tensors come near
    assert(cp(x, { rank: 2, seed: p }).relativeError >= 0.1, `p = ${p}`);
    const { weights } = cp(x, { rank: { relativeError: 1e-5 }, seed: p });
    assertEquals(weights.length, 3);
  }
});

/** a∘a∘b + a∘b∘a + b∘a∘a: of rank 3, but limit of tensors of rank 2. */
function borderTensor(): DenseTensor {
  return denseTensor([2, 2, 2], [0, 1, 1, 0, 1, 0, 0, 0]);
}

Deno.test("cp() names components that cancel, and a ridge keeps them bounded", () => {
  const x = borderTensor(), loose = cp(x, { rank: 2, sweeps: 2000, tolerance: 0, start: "random" });
  assertEquals(loose.degenerate, [[0, 1]]);
  assert(loose.weights[0]! > 4 * norm(x));
  const held = cp(x, { rank: 2, sweeps: 2000, start: "random", ridge: 0.01 });
  assertEquals(held.degenerate, []);
  assert(held.weights[0]! < norm(x), `${held.weights}`);
  held.trace.forEach((value, i, all) => assert(i === 0 || value <= all[i - 1]!));
});

Deno.test("cp() with a ridge weighs the same at every scale, and shrinks", () => {
  const x = randomTensor([3, 4, 5], numbers(33)), ridge = 0.05;
  const found = cp(x, { rank: 2, ridge }), free = cp(x, { rank: 2 });
  const large = { shape: x.shape, data: x.data.map((value) => value * 3) };
  const scaled = cp(large, { rank: 2, ridge });
  assert(Math.abs(found.relativeError - scaled.relativeError) <= 1e-6);
  assert(found.relativeError > free.relativeError);
  assert(norm(found.toDense()) < norm(free.toDense()));
});

Deno.test("cp() without negative entries keeps to them and finds non-negative parts", () => {
  const source = numbers(34), shape = [6, 7, 5];
  const planted = {
    weights: Float64Array.of(1, 1, 1),
    factors: shape.map((size): Matrix => matrix(size, 3, source.doubles(3 * size, 0, 1))),
  };
  const x = cpToTensor(planted);
  const found = cp(x, { rank: 3, nonNegative: true, sweeps: 2000, tolerance: 1e-12 });
  assert(found.factors.every(({ data }) => data.every((value) => value >= 0)));
  assert(found.relativeError <= 1e-3, `${found.relativeError}`);
  for (const [what, y] of hostileTensors(70, [3, 4])) {
    const parts = cp(y, { rank: 1, nonNegative: true, sweeps: 10, restarts: 0 });
    assertSound(what, y, parts);
    assert(parts.factors.every(({ data }) => data.every((value) => value >= 0)), what);
  }
});

Deno.test("cp() goes further with a line search than without, in fewer sweeps", () => {
  const [, found, x] = tensorCases().find(([name]) => name === "fully_symmetric_rank3_4x4x4")!;
  const start = found.cp_als[0]!.init_factors.map(toMatrix);
  const plain = cp(x, { rank: 3, start, lineSearch: false, tolerance: 0 });
  const searched = cp(x, { rank: 3, start, tolerance: 0 });
  assert(searched.relativeError < 0.7 * plain.relativeError, `${searched.relativeError}`);
});

Deno.test("cp() gives the same bits for a seed, others for another", () => {
  const x = randomTensor([3, 4, 5], numbers(35));
  const run = (seed: number): readonly number[] =>
    cp(x, { rank: 2, start: "random", restarts: 0, sweeps: 3, seed }).trace;
  assertEquals(run(1), run(1));
  assert(run(1)[0] !== run(2)[0]);
});

Deno.test("cp() reports its sweeps, says when they ran out, and ends when called off", () => {
  const x = randomTensor([4, 5, 6], numbers(36)), seen: number[] = [];
  const { trace, converged } = cp(x, {
    ...{ rank: 2, sweeps: 4, tolerance: 0, restarts: 0 },
    progress: ({ relativeError }) => seen.push(relativeError),
  });
  assertEquals([...trace], seen);
  assertEquals(converged, false);
  assertEquals(cp(x, { rank: 1 }).converged, true);
  const signal = AbortSignal.abort(new Error("called off"));
  assertThrows(() => cp(x, { rank: 1, signal }), Error, "called off");
});

Deno.test("cp() refuses what it cannot decompose", () => {
  const x = randomTensor([2, 3, 4], numbers(37)), start = x.shape.map((n) => matrix(n, 2));
  assertThrows(() => cp(denseTensor([3, 4]), { rank: 1 }), TypeError, "use linalg.svd");
  for (const rank of [0, 7, 1.5, NaN, -1]) {
    assertThrows(() => cp(x, { rank }), RangeError, "1 to 6");
  }
  assertEquals(cp(x, { rank: 6, sweeps: 2 }).weights.length, 6);
  assertThrows(() => cp(x, { rank: 3, start }), TypeError, "must be [2, 3]");
  assertThrows(() => cp(x, { rank: 3, start: "svd" as "hosvd" }), RangeError, "hosvd, random");
  assertThrows(() => cp(x, { rank: 2, start: start.slice(1) }), TypeError, "2 factors");
  const bad = start.with(1, matrix(3, 2, [1, 2, 3, NaN, 5, 6]));
  assertThrows(() => cp(x, { rank: 2, start: bad }), RangeError, "entry (1, 1) of factor 1 is NaN");
  const minus = start.with(2, matrix(4, 2, [1, 1, 1, 1, 1, 1, 1, -2]));
  const options = { rank: 2, start: minus, nonNegative: true };
  assertThrows(() => cp(x, options), RangeError, "factor 2 with an entry -2");
  assertThrows(() => cp(x, { rank: 1, ridge: -1 }), RangeError, "ridge is -1");
  assertThrows(() => cp(x, { rank: 1, restarts: 0.5 }), RangeError, "restarts is 0.5");
  assertThrows(() => cp(x, { rank: 1, seed: -1 }), RangeError, "seed is -1");
  assertThrows(() => cp(x, { rank: { energy: 2 } }), RangeError, "energy 2");
  const large = denseTensor([3, 3, 8e6]);
  assertThrows(() => cp(large, { rank: 9 }), RangeError, "ask for a lower rank");
  const infinite = denseTensor([2, 2, 2], [1, 2, 3, 4, 5, 6, Infinity, 8]);
  assertThrows(() => cp(infinite, { rank: 1 }), RangeError, "entry (1, 1, 0) is Infinity");
});
