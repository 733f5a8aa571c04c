import { type Matrix, matrix } from "../linalg/mod.ts";
import { type Comparable, comparable, compare, type SimilarityOptions } from "./similarity.ts";
import type { Scaled } from "./tree_products.ts";

/** How alike many networks are, pair by pair. */
export interface SimilarityMap {
  /** Cosines [networks, networks], symmetric. */
  readonly cosines: Matrix;
  /** Whether they are exact: see {@linkcode Similarity}. */
  readonly exact: boolean;
  /**
   * Networks in their order cut into `count` stretches that are most alike inside, by dynamic
   * programming: where each stretch begins, and Σ(1 − cosine) over the pairs inside divided by the
   * networks of each stretch, summed. Source: the phases of 2605.15183.
   *
   * @throws {RangeError} when the count is no whole number from 1 to that of the networks.
   */
  phases(count: number): { readonly starts: readonly number[]; readonly cost: number };
}

/**
 * The similarity of every pair of networks, such as checkpoints of one training in their order.
 *
 * @throws {TypeError} when there is none, or they differ in inputs, outputs or depth.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const models = [1, 2, 3].map((seed) =>
 *   nn.sequential([nn.bilinear(4, 6), nn.linear(6, 2)], { seed })
 * );
 * const { cosines, phases } = decompose.similarityMap(models);
 * console.log(cosines.data, phases(2).starts);
 * ```
 */
export function similarityMap(
  networks: readonly Comparable[],
  options: SimilarityOptions = {},
): SimilarityMap {
  if (networks.length === 0) {
    throw new TypeError("Cannot compare no networks: give at least one");
  }
  const chains = comparable(networks, options), count = chains.length;
  const cosines = matrix(count, count), own: (Scaled | undefined)[] = [];
  let exact = true;
  chains.forEach((a, i) => {
    for (let j = 0; j <= i; j++) {
      const { similarity, own: [mine, theirs] } = compare(a, chains[j]!, options, [own[i], own[j]]);
      [own[i], own[j]] = [mine, theirs];
      exact &&= similarity.exact;
      cosines.data[i * count + j] = cosines.data[j * count + i] = i === j ? 1 : similarity.cosine;
    }
  });
  return { cosines, exact, phases: (wanted) => phases(cosines, wanted) };
}

function phases(cosines: Matrix, wanted: number): { starts: number[]; cost: number } {
  const { rows, data } = cosines;
  if (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > rows) {
    throw new RangeError(
      `Cannot cut ${rows} networks into ${wanted} phases: give a whole number from 1 to ${rows}`,
    );
  }
  // inside[i][j]: what the stretch from i to j costs
  const inside = Array.from({ length: rows }, (_, i) => {
    const costs = new Float64Array(rows);
    let sum = 0;
    for (let j = i; j < rows; j++) {
      for (let k = i; k < j; k++) sum += 1 - data[k * rows + j]!;
      costs[j] = sum / (j - i + 1);
    }
    return costs;
  });
  // best[p][j]: networks 0 to j in p + 1 stretches, the last beginning at from[p][j]
  const best = [Float64Array.from({ length: rows }, (_, j) => inside[0]![j]!)];
  const from = [new Int32Array(rows)];
  for (let p = 1; p < wanted; p++) {
    const costs = new Float64Array(rows).fill(Infinity), begins = new Int32Array(rows);
    for (let j = p; j < rows; j++) {
      for (let i = p; i <= j; i++) {
        const cost = best[p - 1]![i - 1]! + inside[i]![j]!;
        if (cost < costs[j]!) [costs[j], begins[j]] = [cost, i];
      }
    }
    best.push(costs);
    from.push(begins);
  }
  const starts: number[] = [];
  for (let p = wanted - 1, j = rows - 1; p >= 0; p--) {
    const begin = from[p]![j]!;
    starts.unshift(begin);
    j = begin - 1;
  }
  return { starts, cost: best[wanted - 1]![rows - 1]! };
}
