import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  canonical,
  cp,
  fromFactors,
  type Interactions,
  symmetricCp,
  tucker,
} from "../../src/decompose/mod.ts";
import { matmul, matrix } from "../../src/linalg/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { rowOf } from "../support/networks.ts";
import { denseOf, randomLayer, relativeGap } from "./layers.ts";

/** A layer of few neurons written with many: neurons split, mixed by signs, and noise that cancels. */
function hidden(
  inputs: number,
  neurons: number,
  outputs: number,
  seed: number,
): { plain: Interactions; layer: Interactions } {
  const plain = randomLayer("plain", [inputs, neurons, outputs], seed), draw = numbers(seed + 1);
  const { left, right, readout } = plain;
  const lefts: number[] = [], rights: number[] = [], columns: number[][] = [];
  for (let k = 0; k < neurons; k++) {
    const [l, r] = [[...rowOf(left, k)], [...rowOf(right, k)]];
    const own = Array.from({ length: outputs }, (_, o) => readout.data[o * neurons + k]!);
    const shift = [...draw.doubles(inputs)];
    // l·r = (l + s)·r − s·r
    lefts.push(...l.map((x, i) => x + shift[i]!), ...shift);
    rights.push(...r, ...r);
    columns.push(own, own.map((x) => -x));
  }
  const count = columns.length;
  return {
    plain,
    layer: fromFactors({
      left: matrix(count, inputs, lefts),
      right: matrix(count, inputs, rights),
      leftBias: new Float64Array(count),
      rightBias: new Float64Array(count),
      readout: matrix(
        outputs,
        count,
        Array.from({ length: outputs }, (_, o) => columns.map((own) => own[o]!)).flat(),
      ),
      outputBias: new Float64Array(outputs),
    }),
  };
}

leakChecked("cp() finds the few neurons that a layer hides behind many", () => {
  for (let seed = 0; seed < 6; seed++) {
    const { plain, layer } = hidden(9, 3, 5, 40 + seed);
    assert(relativeGap(denseOf(plain), denseOf(layer)) < 1e-13);
    const found = cp(layer, { rank: 3, sweeps: 1000, restarts: 11, tolerance: 1e-10 });
    assert(found.relativeError < 1e-5, `seed ${seed}: ${found.relativeError}`);
    assert(cp(layer, { rank: 2, sweeps: 100 }).relativeError > 0.01);
    // unique, so its neurons are those of the plain layer
    const matches = Array.from(
      { length: 3 },
      (_, k) => Math.max(...Array.from({ length: 3 }, (_, j) => congruence(found, plain, k, j))),
    );
    assert(matches.every((match) => match > 0.9999), `${matches}`);
  }
});

type Sides = { leftFactors: ReturnType<typeof matrix>; rightFactors: ReturnType<typeof matrix> };

/** Cosine of sym(l·rᵀ) of a component and of a neuron, without sign. */
function congruence(
  { leftFactors, rightFactors }: Sides,
  { left, right }: { left: ReturnType<typeof matrix>; right: ReturnType<typeof matrix> },
  k: number,
  j: number,
): number {
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const product = (a: Float64Array[], b: Float64Array[]): number =>
    dot(a[0]!, b[0]!) * dot(a[1]!, b[1]!) + dot(a[0]!, b[1]!) * dot(a[1]!, b[0]!);
  const one = [rowOf(leftFactors, k), rowOf(rightFactors, k)];
  const other = [rowOf(left, j), rowOf(right, j)];
  return Math.abs(product(one, other)) / Math.sqrt(product(one, one) * product(other, other));
}

leakChecked("cp() of all neurons is exact, in weights of unit vectors, the largest first", () => {
  const layer = randomLayer("plain", [7, 5, 3], 3), found = cp(layer, { rank: 5 });
  assert(found.relativeError < 1e-9);
  assert(found.weights.every((value, i) => i === 0 || value <= found.weights[i - 1]!));
  for (const factor of [found.leftFactors, found.rightFactors, found.outputFactors]) {
    for (let r = 0; r < 5; r++) {
      assert(Math.abs(Math.hypot(...rowOf(factor, r)) - 1) < 1e-12);
    }
  }
  for (const factor of [found.leftFactors, found.outputFactors]) {
    for (let r = 0; r < 5; r++) {
      const own = rowOf(factor, r), top = own.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a);
      assert(top > 0);
    }
  }
});

leakChecked("cp() names components that nearly cancel where no best approximation exists", () => {
  // of rank 3 and as close to rank 2 as one likes: e₁⊗(e₁e₂ + e₂e₁) + e₂⊗e₁e₁
  const layer = fromFactors({
    left: matrix(2, 2, [1, 0, 1, 0]),
    right: matrix(2, 2, [0, 1, 1, 0]),
    leftBias: new Float64Array(2),
    rightBias: new Float64Array(2),
    readout: matrix(2, 2, [2, 0, 0, 1]),
    outputBias: new Float64Array(2),
  });
  // squares of one dictionary, three of them needed
  const found = symmetricCp(layer, { rank: 2, sweeps: 2000, tolerance: 1e-12 });
  assertEquals(found.degenerate.length, 1);
  assertEquals(found.degenerate[0]!.components, [0, 1]);
  assert(found.degenerate[0]!.cosine < -0.97);
  assert(found.relativeError < 0.1);
  assertEquals(cp(layer, { rank: 2 }).degenerate, []);
});

leakChecked("symmetricCp() recovers a dictionary that outputs share, with its signs", () => {
  const draw = numbers(5), atoms = matrix(4, 6, draw.doubles(24));
  const loadings = matrix(7, 4, draw.doubles(28));
  const layer = fromFactors({
    ...{ left: atoms, right: atoms, readout: loadings, outputBias: new Float64Array(7) },
    ...{ leftBias: new Float64Array(4), rightBias: new Float64Array(4) },
  });
  // the same tensor in other neurons
  const other = canonical(layer).interactions;
  const found = symmetricCp(other, { rank: 4, sweeps: 2000, tolerance: 1e-11, restarts: 3 });
  assert(found.relativeError < 1e-5, `${found.relativeError}`);
  for (let r = 0; r < 4; r++) {
    const own = rowOf(atoms, r), length = Math.hypot(...own);
    const matches = matmul(found.atoms, matrix(6, 1, own)).data.map((x) => Math.abs(x) / length);
    const match = matches.indexOf(Math.max(...matches));
    assert(matches[match]! > 0.99999, `${matches}`);
    for (let o = 0; o < 7; o++) {
      const expected = loadings.data[4 * o + r]! * length ** 2;
      assert(Math.abs(found.loadings.data[4 * o + match]! - expected) < 1e-3);
    }
  }
});

leakChecked(
  "symmetricCp() makes loadings sparser as the penalty grows, its objective falling",
  () => {
    const layer = randomLayer("plain", [8, 6, 6], 9);
    let before = 1.1, error = -1;
    for (const sparsity of [0, 0.003, 0.01, 0.03, 0.1]) {
      const found = symmetricCp(layer, { rank: 10, sparsity });
      assert(found.objective.every((value, i) => i === 0 || value <= found.objective[i - 1]!));
      assert(found.density <= before + 0.1 && found.relativeError > error, `${sparsity}`);
      [before, error] = [found.density, found.relativeError];
      assertEquals(found.loadings.columns, found.rank);
    }
    assert(before < 0.6, `${before}`);
    const inputs = symmetricCp(layer, { rank: 6, inputSparsity: 0.01 });
    assert(inputs.atoms.data.some((value) => value === 0));
    assert(inputs.objective.every((value, i) => i === 0 || value <= inputs.objective[i - 1]!));
  },
);

leakChecked("cp() reports each sweep and ends at the signal", () => {
  const layer = randomLayer("plain", [9, 8, 4], 2), seen: number[] = [];
  const { trace, converged } = cp(layer, {
    ...{ rank: 4, sweeps: 9, restarts: 0, tolerance: 1e-15 },
    progress: ({ sweep, sweeps, relativeError }) => {
      assertEquals(sweeps, 9);
      seen.push(sweep, relativeError);
    },
  });
  assertEquals(converged, false);
  assertEquals(seen.length, 2 * (trace.length - 1));
  for (const run of [cp, symmetricCp]) {
    const abort = new AbortController();
    let sweeps = 0;
    const error = assertThrows(() =>
      run(layer, {
        ...{ rank: 4, sweeps: 100, restarts: 0, tolerance: 1e-15, signal: abort.signal },
        progress: () => {
          if (++sweeps === 3) abort.abort(new Error("enough"));
        },
      })
    );
    assertEquals([(error as Error).message, sweeps], ["enough", 3]);
  }
  const abort = new AbortController();
  abort.abort(new Error("before"));
  assertThrows(() => tucker(layer, { rank: [2, 3], signal: abort.signal }), Error, "before");
});
