import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { doubles, withBlocks } from "../../src/kernels/mod.ts";
import * as reference from "../../src/kernels/reference/bidiagonal.ts";
import { divideBidiagonal } from "../../src/linalg/bidiagonal_divide.ts";
import { type Matrix, matrix } from "../../src/linalg/mod.ts";
import { rowBytes } from "../../src/linalg/reflectors.ts";
import { inBothBuilds } from "../support/builds.ts";
import { DIVIDED, families, type TwoDiagonals } from "./families.ts";
import { allowed, deviation } from "./support.ts";

interface Solved {
  readonly values: Float64Array;
  /** Singular vectors as rows. */
  readonly u: Matrix;
  readonly v: Matrix;
}

function solved({ d, e }: TwoDiagonals): Solved {
  const n = d.length, row = rowBytes(n);
  return withBlocks([8 * n, 8 * n + 8, n * row, n * row], (pd, pe, pu, pv) => {
    doubles(pd!, n).set(d);
    doubles(pe!, n + 1).fill(0).set(e);
    divideBidiagonal(n, pd!, pe!, { u: pu!, uRow: row, v: pv!, vRow: row });
    const read = (at: number): Matrix => {
      const all = matrix(n, n);
      for (let i = 0; i < n; i++) all.data.set(doubles(at + i * row, n), i * n);
      return all;
    };
    return { values: doubles(pd!, n).slice(), u: read(pu!), v: read(pv!) };
  });
}

/** Largest entry of B·v − σ·u and Bᵀ·u − σ·v over all triplets. */
function residual({ d, e }: TwoDiagonals, { values, u, v }: Solved): number {
  const n = d.length;
  let worst = 0;
  values.forEach((sigma, j) => {
    const x = u.data.subarray(j * n, (j + 1) * n), y = v.data.subarray(j * n, (j + 1) * n);
    for (let i = 0; i < n; i++) {
      const right = d[i]! * y[i]! + (i < n - 1 ? e[i + 1]! * y[i + 1]! : 0);
      const left = d[i]! * x[i]! + (i > 0 ? e[i]! * x[i - 1]! : 0);
      worst = Math.max(worst, Math.abs(right - sigma * x[i]!), Math.abs(left - sigma * y[i]!));
    }
  });
  return worst;
}

for (const name of Object.keys(families(1))) {
  inBothBuilds(`divideBidiagonal() finds singular triplets: ${name}`, () => {
    for (const n of DIVIDED) {
      const b = families(n)[name]!, found = solved(b);
      const twin = { d: b.d.slice(), e: b.e.slice() };
      assert(reference.bidiagonalSweeps(n, twin.d, twin.e).converged);
      const exact = twin.d.map(Math.abs).sort().reverse(), norm = exact[0]!;
      found.values.forEach((x, i) => {
        assertAlmostEquals(x, exact[i]!, n * Number.EPSILON * norm, `value ${i} of ${n}`);
        assert(x >= 0 && (i === 0 || found.values[i - 1]! >= x), "values do not descend");
      });
      const wrong = residual(b, found);
      assert(wrong <= allowed(n) * norm, `residual ${wrong}, size ${n}`);
      for (const vectors of [found.u, found.v]) {
        assert(deviation(vectors) <= Math.sqrt(n) * allowed(n), `not orthogonal, size ${n}`);
      }
    }
  });
}

inBothBuilds("divideBidiagonal() scales with the matrix, exactly for powers of two", () => {
  const b = families(130).random!, plain = solved(b);
  for (const power of [-300, 300]) {
    const scale = (x: Float64Array): Float64Array => x.map((value) => value * 2 ** power);
    const found = solved({ d: scale(b.d), e: scale(b.e) });
    assertEquals(found, { ...plain, values: scale(plain.values) });
  }
});
