import { assert, assertEquals, assertThrows } from "@std/assert";
import { matmul, type Matrix } from "../../src/linalg/mod.ts";
import { blockTerm, type DenseTensor, denseTensor, outer } from "../../src/multilinear/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { type Numbers, numbers } from "../support/numbers.ts";
import { assertClose } from "../support/tolerances.ts";
import {
  additionTensor,
  distance,
  fromOrthonormal,
  hostileTensors,
  plane,
  projector,
  randomMatrix,
  randomTensor,
} from "./support.ts";

function sum(tensors: readonly DenseTensor[]): DenseTensor {
  const [first, ...others] = tensors, data = first!.data.slice();
  for (const other of others) other.data.forEach((value, i) => data[i]! += value);
  return { shape: first!.shape, data };
}

/** Blocks c ∘ (A·Bᵀ), and their matrices. */
function planted(
  [size, rows, columns]: readonly [number, number, number],
  ranks: readonly number[],
  source: Numbers,
): { x: DenseTensor; vectors: Float64Array[]; matrices: Matrix[] } {
  const vectors = ranks.map(() => source.doubles(size));
  const matrices = ranks.map((rank) =>
    matmul(randomMatrix(rows, rank, source), randomMatrix(columns, rank, source), "NT")
  );
  const x = sum(vectors.map((vector, r) => outer(vector, matrices[r]!.data)));
  return { x: denseTensor([size, rows, columns], x.data), vectors, matrices };
}

/** |cos| of the angle between two arrays. */
function cosine(a: Float64Array, b: Float64Array): number {
  let product = 0;
  a.forEach((value, i) => product += value * b[i]!);
  return Math.abs(product) / Math.hypot(...a) / Math.hypot(...b);
}

Deno.test("blockTerm() recovers blocks, also of different rank", () => {
  for (const ranks of [[2, 2], [1, 3], [2, 2, 2], [3]]) {
    const { x, vectors, matrices } = planted([4, 7, 8], ranks, numbers(50 + ranks.length));
    const found = blockTerm(x, {
      blocks: ranks.length,
      rank: ranks,
      tolerance: 1e-12,
      restarts: 9,
    });
    assert(found.relativeError <= 1e-5, `${ranks}: ${found.relativeError}`);
    for (const { vector, left, values, right } of found.blocks) {
      const scaled = { ...left, data: left.data.map((v, i) => v * values[i % values.length]!) };
      const own = matmul(scaled, right, "NT").data;
      const match = vectors.findIndex((planted) => cosine(planted, vector) >= 1 - 1e-6);
      assert(match >= 0 && cosine(matrices[match]!.data, own) >= 1 - 1e-6, `${ranks}`);
    }
  }
});

Deno.test("blockTerm() recovers the planes of addition modulo p", () => {
  for (const p of [5, 7, 13, 23]) {
    const found = blockTerm(additionTensor(p), { blocks: 2, rank: 2, tolerance: 1e-12 });
    assert(found.relativeError <= 1e-6, `p = ${p}`);
    const expected = projector(plane(p, 1)).data;
    for (const { vector, left, values, right } of found.blocks) {
      assertClose(projector(left).data, expected, 1e-5, `left plane, p = ${p}`);
      assertClose(projector(right).data, expected, 1e-5, `right plane, p = ${p}`);
      // the vector lies in the plane of the sums as well, and both values of a plane are equal
      const inside = matmul(projector(plane(p, 1)), { rows: p, columns: 1, data: vector });
      assertClose(inside.data, vector, 1e-5, `vector, p = ${p}`);
      assert(values.length === 2);
    }
  }
});

Deno.test("blockTerm() keeps the planes of two frequencies apart", () => {
  const p = 13, x = additionTensor(p, [1, 2]);
  const { blocks, relativeError } = blockTerm(x, { blocks: 4, rank: 2, tolerance: 1e-12 });
  assert(relativeError <= 1e-9, `${relativeError}`);
  const seen = blocks.map(({ left }) => {
    return [1, 2].find((k) => {
      return cosine(projector(left).data, projector(plane(p, k)).data) >= 1 - 1e-9;
    });
  });
  assertEquals(seen.toSorted(), [1, 1, 2, 2]);
});

leakChecked("blockTerm() never gets worse and gives orthonormal blocks, for every mode", () => {
  for (const [what, x] of hostileTensors(105, [3, 3])) {
    for (const mode of [0, 1, 2]) {
      const [j, k] = x.shape.filter((_, i) => i !== mode) as [number, number];
      const rank = Math.min(2, j, k), blocks = Math.min(2, x.shape[mode]!);
      const found = blockTerm(x, { blocks, rank, mode, sweeps: 6, tolerance: 0, restarts: 0 });
      const { trace, relativeError } = found;
      trace.forEach((error, i) => assert(i === 0 || error <= trace[i - 1]!, `${what}: ${trace}`));
      assert(Math.abs(distance(found.toDense(), x) - relativeError) <= 1e-9, what);
      for (const { vector, left, values, right } of found.blocks) {
        assertEquals([vector.length, left.rows, right.rows], [x.shape[mode], j, k]);
        assert(fromOrthonormal(left) <= 1e-13 && fromOrthonormal(right) <= 1e-13, what);
        assert(values.every((value, i) => value >= 0 && (i === 0 || value <= values[i - 1]!)));
        const largest = Math.max(...vector.map(Math.abs));
        assert(vector.includes(largest), `${what}: sign`);
      }
    }
  }
});

Deno.test("blockTerm() refuses what it cannot decompose", () => {
  const x = randomTensor([2, 3, 4], numbers(55));
  const four = denseTensor([2, 2, 2, 2]);
  assertThrows(() => blockTerm(four, { blocks: 1, rank: 1 }), TypeError, "must have three modes");
  assertThrows(() => blockTerm(denseTensor([2, 2]), { blocks: 1, rank: 1 }), TypeError, "2 modes");
  assertThrows(() => blockTerm(x, { blocks: 0, rank: 1 }), RangeError, "blocks is 0");
  assertThrows(() => blockTerm(x, { blocks: 1, rank: 4 }), RangeError, "1 to 3");
  assertThrows(() => blockTerm(x, { blocks: 1, rank: 0 }), RangeError, "rank 0");
  assertThrows(() => blockTerm(x, { blocks: 2, rank: [1] }), TypeError, "1 ranks for 2 blocks");
  assertThrows(() => blockTerm(x, { blocks: 9, rank: 1 }), RangeError, "sum up to 9");
  assertThrows(() => blockTerm(x, { blocks: 1, rank: 1, mode: 3 }), RangeError, "mode 3");
  const nan = denseTensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, NaN]);
  assertThrows(() => blockTerm(nan, { blocks: 1, rank: 1 }), RangeError, "(1, 1, 1) is NaN");
});
