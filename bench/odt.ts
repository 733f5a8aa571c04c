/**
 * What implicit ODT saves: three bilinear layers of width h, all spectra, from the factors and from the
 * full cores [h, h, h] as the method was published. The cores cost O(h⁴) and 8·h³ bytes each, the factors
 * O(h³) and 8·h² bytes. Both find the same spectra.
 *
 *     deno run -A bench/odt.ts [--quick]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { decompose, linalg, nn } from "@odot/odot";
import { peakResident } from "./machine.ts";
import { compare, quick } from "./measure.ts";

type Matrix = linalg.Matrix;
const { eigh, matmul, matrix } = linalg;

/** ½ Σ P_ok (A_ki B_kj + B_ki A_kj) as [o, i·j]. */
function core({ left, right, readout }: decompose.BilinearMap): Matrix {
  const { rows, columns: n } = left, outer = matrix(rows, n * n);
  for (let k = 0; k < rows; k++) {
    for (let i = 0; i < n; i++) {
      const a = left.data[k * n + i]! / 2, b = right.data[k * n + i]! / 2;
      for (let j = 0; j < n; j++) {
        outer.data[(k * n + i) * n + j] = a * right.data[k * n + j]! + b * left.data[k * n + j]!;
      }
    }
  }
  return matmul(readout, outer);
}

/** The matrix with another shape. */
function shaped({ data }: Matrix, rows: number): Matrix {
  return { rows, columns: data.length / rows, data };
}

/** V · diag(√λ) · Vᵀ of a positive semidefinite matrix, or with another power. */
function power(a: Matrix, exponent: number): Matrix {
  const { values, vectors } = eigh(a), n = a.rows;
  const scaled = matrix(
    n,
    n,
    vectors.data.map((value, i) => {
      const own = values[i % n]!;
      return own > 1e-14 * values[n - 1]! ? value * own ** exponent : 0;
    }),
  );
  return matmul(scaled, vectors, "NT");
}

/** Squared singular values of every cut, from full cores. */
function byCores(deep: decompose.DeepInteractions): number[] {
  const cores: Matrix[] = [];
  let root: Matrix | undefined;
  for (const layer of deep.layers) {
    const n = layer.left.columns, rows = layer.readout.rows;
    let own = core(layer);
    if (root) {
      // both legs in orthonormal coordinates; the core is symmetric in them
      own = shaped(matmul(shaped(own, rows * n), root), rows);
      const turned = matrix(rows, n * n);
      for (let o = 0; o < rows; o++) {
        turned.data.set(
          matmul(root, matrix(n, n, own.data.subarray(o * n * n, (o + 1) * n * n))).data,
          o * n * n,
        );
      }
      own = turned;
    }
    const gram = matmul(own, own, "NT");
    root = power(gram, 0.5);
    cores.push(matmul(power(gram, -0.5), own));
  }
  let environment = matmul(root!, root!, "TN");
  const norms = [environment];
  for (const own of cores.reverse()) {
    const n = Math.sqrt(own.columns), through = matmul(environment, own);
    environment = matmul(shaped(through, own.rows * n), shaped(own, own.rows * n), "TN");
    norms.unshift(environment);
  }
  return norms.map((each) => eigh(each).values.at(-1)!);
}

/** Largest relative difference of the largest singular values of both ways. */
function apart(deep: decompose.DeepInteractions): number {
  const exact = byCores(deep);
  return decompose.odt(deep).bonds.reduce(
    (worst, { singularValues }, l) =>
      Math.max(worst, Math.abs(singularValues[0]! / Math.sqrt(exact[l]!) - 1)),
    0,
  );
}

/** Wider than this, cores take a quarter of a minute and more. */
const WIDEST = 128;

console.log("width   factors      cores        ratio   largest difference   bytes of a core");
for (const h of quick ? [32, 64] : [64, WIDEST, 256]) {
  using model = nn.sequential([
    nn.bilinear(h, h, { bias: false }),
    nn.linear(h, h, { bias: false }),
    nn.bilinear(h, h, { bias: false }),
    nn.linear(h, h, { bias: false }),
    nn.bilinear(h, h, { bias: false }),
    nn.linear(h, 10, { bias: false }),
  ], { seed: 1 });
  const deep = decompose.deepInteractions(model);
  const factors = { name: "factors", run: () => decompose.odt(deep) };
  const sides = h > WIDEST ? [factors] : [factors, { name: "cores", run: () => byCores(deep) }];
  const [ours, theirs] = (await compare(sides)).sides;
  const time = (best?: number): string => {
    const text = best === undefined ? "–" : best > 0 ? `${best.toFixed(1)} ms` : "too noisy";
    return text.padEnd(12);
  };
  const found = theirs && { ratio: theirs.best / ours!.best, apart: apart(deep) };
  console.log(
    `${String(h).padEnd(7)} ${time(ours!.best)} ${time(theirs?.best)} ` +
      `${(found?.ratio.toFixed(1) ?? "–").padEnd(7)} ` +
      `${(found?.apart.toExponential(1) ?? "–").padEnd(20)} ${8 * h ** 3}`,
  );
}
const peak = peakResident();
if (peak) console.log(`peak memory of this process ${(peak / 2 ** 20).toFixed(0)} MiB`);
