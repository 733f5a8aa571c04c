import { assert, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import {
  blockTerm,
  cp,
  eigen,
  gaussianMoments,
  hosvd,
  type Interactions,
  type LayerApproximation,
  moments,
  symmetricCp,
  tensorTrain,
  tucker,
} from "../../src/decompose/mod.ts";
import { eigh, matmul, type Matrix, matrix } from "../../src/linalg/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { denseOf, randomLayer, relativeGap } from "./layers.ts";

/** A covariance [n, n] of full rank and its symmetric root. */
function covarianceOf(n: number, seed: number, rank = n): { covariance: Matrix; root: Matrix } {
  const half = matrix(n, rank, numbers(seed).doubles(n * rank));
  const covariance = matmul(half, half, "NT"), { values, vectors } = eigh(covariance);
  const scaled = matrix(
    n,
    n,
    vectors.data.map((value, i) => value * Math.sqrt(Math.max(0, values[i % n]!))),
  );
  return { covariance, root: matmul(scaled, vectors, "NT") };
}

/** S·Q·S of every output. */
function whitened(dense: Float64Array, root: Matrix): Float64Array {
  const n = root.rows, result = new Float64Array(dense.length);
  for (let o = 0; o < dense.length; o += n * n) {
    const form = matrix(n, n, dense.slice(o, o + n * n));
    result.set(matmul(matmul(root, form), root).data, o);
  }
  return result;
}

const METHODS: Readonly<
  Record<string, (layer: Interactions, weight: Matrix) => LayerApproximation>
> = {
  hosvd: (layer, weight) => hosvd(layer, { rank: 2, weight }),
  tucker: (layer, weight) => tucker(layer, { rank: [2, 3], weight }),
  tensorTrain: (layer, weight) => tensorTrain(layer, { rank: [2, 3], weight }),
  cp: (layer, weight) => cp(layer, { rank: 3, weight, sweeps: 40 }),
  symmetricCp: (layer, weight) => symmetricCp(layer, { rank: 4, weight, sweeps: 40 }),
  blockTerm: (layer, weight) => blockTerm(layer, { rank: 2, weight }),
};

for (const [name, method] of Object.entries(METHODS)) {
  leakChecked(
    `${name}() in the norm of the data tells the error in that norm, and makes it smaller`,
    () => {
      let better = 0;
      for (const [sizes, seed] of [[[6, 7, 3], 1], [[9, 4, 4], 2], [[12, 3, 3], 3]] as const) {
        const layer = randomLayer("plain", sizes, seed), n = sizes[0];
        const { covariance, root } = covarianceOf(n, seed + 10);
        const found = method(layer, covariance), plain = method(layer, identityOf(n));
        const exact = whitened(denseOf(layer), root);
        const gap = (own: LayerApproximation): number =>
          relativeGap(exact, whitened(own.toDense().data, root));
        assertRelative([1, found.relativeError], [1, gap(found)], 1e-8, name);
        if (gap(found) <= gap(plain) + 1e-9) better++;
      }
      assert(better >= 2, `${better}`);
    },
  );
}

function identityOf(n: number): Matrix {
  const result = matrix(n, n);
  for (let i = 0; i < n; i++) result.data[i * n + i] = 1;
  return result;
}

leakChecked("eigen() in the norm of the data ranks by variance, its vectors Σ-orthonormal", () => {
  for (const [sizes, rank] of [[[6, 7, 2], 6], [[10, 2, 2], 10], [[8, 6, 2], 3]] as const) {
    const layer = randomLayer("plain", sizes, rank), n = sizes[0], form = layer.output(1);
    const { covariance, root } = covarianceOf(n, rank, rank);
    const all = eigen(form, { weight: covariance });
    const exact = eigh(matmul(matmul(root, form.dense()), root)).values;
    const sorted = [...exact].sort((a, b) => Math.abs(b) - Math.abs(a));
    assertRelative(all.values, sorted.slice(0, all.values.length), 1e-9, "values");
    const products = matmul(matmul(all.vectors, covariance), all.vectors, "NT");
    products.data.forEach((value, i) => {
      const expected = i % all.values.length === Math.floor(i / all.values.length) ? 1 : 0;
      assert(Math.abs(value - expected) < 1e-7, `${value}`);
    });
    // equal wherever there is data
    const half = matmul(covariance, matrix(n, 1, numbers(3).doubles(n)));
    assertRelative([all.evaluate(half.data)], [form.evaluate(half.data)], 1e-6, "value");
    const two = eigen(form, { weight: covariance, rank: 2 });
    const lost = Math.hypot(...sorted.slice(2)) / Math.hypot(...sorted);
    assertRelative([1, two.relativeError], [1, lost], 1e-9, "error");
  }
});

leakChecked("gaussianMoments() is what exact quadrature gives", () => {
  // three nodes an axis integrate polynomials up to degree 5 exactly, and q² has degree 4
  const nodes = [[-Math.sqrt(3), 1 / 6], [0, 2 / 3], [Math.sqrt(3), 1 / 6]] as const;
  for (const kind of ["plain", "biased"] as const) {
    const n = 4, form = randomLayer(kind, [n, 5, 2], 9).output(0);
    const { covariance, root } = covarianceOf(n, 8), mean = numbers(2).doubles(n);
    let first = 0, second = 0;
    for (let index = 0; index < 3 ** n; index++) {
      let weight = 1;
      const z = Array.from({ length: n }, (_, i) => {
        const [node, share] = nodes[Math.floor(index / 3 ** i) % 3]!;
        weight *= share;
        return node;
      });
      const x = mean.map((value, i) =>
        value + z.reduce((sum, node, j) => sum + root.data[i * n + j]! * node, 0)
      );
      const value = form.evaluate(x);
      first += weight * value;
      second += weight * value * value;
    }
    const found = gaussianMoments(form, { covariance, mean });
    assertRelative([found.mean], [first], 1e-12, "mean");
    assertRelative([found.variance], [second - first * first], 1e-11, "variance");
    // the norm of the data is that of the quadratic part
    const { norm } = eigen(form, { weight: covariance });
    assertRelative([found.quadratic], [2 * norm * norm], 1e-11, "quadratic");
  }
});

leakChecked("moments() of a dataset are those of plain loops", () => {
  const inputs = Uint8Array.from(numbers(4).whole(2500 * 3, 0, 255));
  const source = data.dataset({ inputs, labels: new Uint8Array(2500), divisor: 255, classes: 2 });
  const { mean, covariance, secondMoment } = moments(source);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      let a = 0, b = 0, product = 0;
      for (let row = 0; row < 2500; row++) {
        const [x, y] = [inputs[3 * row + i]! / 255, inputs[3 * row + j]! / 255];
        a += x / 2500;
        b += y / 2500;
        product += x * y / 2500;
      }
      assert(Math.abs(mean[i]! - a) < 1e-7);
      assert(Math.abs(secondMoment.data[3 * i + j]! - product) < 1e-7);
      assert(Math.abs(covariance.data[3 * i + j]! - (product - a * b)) < 1e-7);
    }
  }
});

leakChecked("a weight that is no covariance of the inputs is refused", () => {
  const layer = randomLayer("plain", [4, 3, 2], 1), form = layer.output(0);
  const negative = matrix(4, 4, [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  assertThrows(() => eigen(form, { weight: identityOf(3) }), TypeError, "[4, 4]");
  assertThrows(() => hosvd(layer, { weight: identityOf(5) }), TypeError, "[4, 4]");
  assertThrows(() => tucker(layer, { weight: negative }), RangeError, "eigenvalues from -1");
  assertThrows(() => eigen(form, { weight: matrix(4, 4) }), RangeError, "one above");
  const weight = identityOf(4);
  assertThrows(() => eigen(form, { weight, bias: "homogeneous" }), TypeError, "homogeneous");
  assertThrows(() => eigen(form, { weight, space: "embedding" }), TypeError, "embedding");
  assertThrows(
    () => symmetricCp(layer, { rank: 2, weight, inputSparsity: 1 }),
    TypeError,
    "sparse",
  );
  assertThrows(() => gaussianMoments(form, { covariance: identityOf(3) }), TypeError, "[4, 4]");
  assertThrows(
    () => gaussianMoments(form, { covariance: weight, mean: [1] }),
    TypeError,
    "1 numbers",
  );
});
