import { batches, type Dataset, gather } from "../data/mod.ts";
import { matmulNT, scope, type Tensor, tensor } from "../tensor/mod.ts";
import { type Eigen, eigen, type EigenOptions } from "./eigen.ts";
import type { Interactions } from "./interactions.ts";

/** Accuracy when every output keeps its `rank` largest eigenpairs. */
export interface RankAccuracy {
  /** How many eigenpairs every output keeps, a count. */
  readonly rank: number;
  /** Share of rows whose largest output is the label, 0 to 1. */
  readonly accuracy: number;
}

/** Options of {@linkcode accuracyByRank}. */
export interface RankOptions {
  /** Ranks to measure; 1, 2, 3, 5, 8, 10, … and all unless said. */
  readonly ranks?: readonly number[];
  /** Where to diagonalise; the input space unless said. */
  readonly space?: EigenOptions["space"];
  /** Decompositions of every output made before, all eigenpairs; they are made anew unless given. */
  readonly eigens?: readonly Eigen[];
}

/** Rows that are computed at a time. */
const ROWS = 500;

/** 1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 75, 100, 150 … and all. */
function usualRanks(most: number): number[] {
  const steps = [1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500];
  return [...steps.filter((rank) => rank < most), most];
}

/**
 * Accuracy against the number of eigenvectors: for each rank, every output keeps that many of its
 * eigenpairs, the largest by |value| first, and its linear and constant parts.
 * Source: Pearce et al. 2024 (2410.08417), section 4 and App. F.
 *
 * @throws {TypeError} when the sizes of the interactions and the dataset do not fit; {RangeError} for
 * a rank that is no whole number ≥ 1.
 */
export function accuracyByRank(
  interactions: Interactions,
  source: Dataset,
  options: RankOptions = {},
): RankAccuracy[] {
  if (source.features !== interactions.inputs || source.classes > interactions.outputs) {
    throw new TypeError(
      `Cannot measure accuracy on ${source.name}: rows of ${source.features} in ${source.classes} classes, but the interactions take ${interactions.inputs} and give ${interactions.outputs}`,
    );
  }
  const { space = "input" } = options;
  const parts = options.eigens ?? Array.from(
    { length: interactions.outputs },
    (_, o) => eigen(interactions.output(o), { space }),
  );
  if (parts.length !== interactions.outputs) {
    throw new TypeError(
      `Cannot use ${parts.length} decompositions: give one for each of ${interactions.outputs} outputs`,
    );
  }
  const most = Math.max(...parts.map(({ values }) => values.length));
  const ranks = [...options.ranks ?? usualRanks(most)].sort((a, b) => a - b);
  for (const rank of ranks) {
    if (!Number.isSafeInteger(rank) || rank < 1) {
      throw new RangeError(`Cannot keep ${rank} eigenpairs: ranks are whole numbers ≥ 1`);
    }
  }
  const right = new Array<number>(ranks.length).fill(0);
  scope(() => {
    const vectors = stacked(parts, interactions.inputs);
    for (const rows of batches(source, { size: ROWS })) {
      scope(() => {
        const { inputs } = gather(source, rows);
        const activations = matmulNT(inputs, vectors).toArray();
        rows.forEach((row, i) => {
          const width = vectors.shape[0]!;
          const own = activations.subarray(i * width, (i + 1) * width);
          countRight(parts, own, ranks, source.labels[row]!, right);
        });
      });
    }
  });
  return ranks.map((rank, i) => ({ rank, accuracy: right[i]! / source.count }));
}

/** The eigenvectors of all outputs and then their linear parts, as rows of one matrix. */
function stacked(parts: readonly Eigen[], inputs: number): Tensor {
  const count = parts.reduce((total, { values }) => total + values.length, 0) + parts.length;
  const all = new Float32Array(count * inputs);
  let offset = 0;
  for (const { vectors } of parts) {
    all.set(vectors.data, offset);
    offset += vectors.data.length;
  }
  for (const { linear } of parts) {
    all.set(linear, offset);
    offset += inputs;
  }
  return tensor(all, [count, inputs]);
}

/** Adds 1 for every rank at which the label has the largest output. */
function countRight(
  parts: readonly Eigen[],
  activations: Float32Array,
  ranks: readonly number[],
  label: number,
  right: number[],
): void {
  const firstLinear = activations.length - parts.length;
  const starts: number[] = [];
  let start = 0;
  for (const { values } of parts) {
    starts.push(start);
    start += values.length;
  }
  const outputs = parts.map(({ constant }, o) => constant + activations[firstLinear + o]!);
  let from = 0;
  ranks.forEach((rank, r) => {
    parts.forEach(({ values }, o) => {
      for (let i = from; i < Math.min(rank, values.length); i++) {
        const activation = activations[starts[o]! + i]!;
        outputs[o] = outputs[o]! + values[i]! * activation * activation;
      }
    });
    from = rank;
    if (outputs.indexOf(Math.max(...outputs)) === label) right[r]!++;
  });
}
