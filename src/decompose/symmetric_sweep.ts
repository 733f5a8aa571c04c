import { identity, matmul, type Matrix, matrix, solveSymmetric } from "../linalg/mod.ts";
import { copy, damp, solvedReadout } from "./cp_sweep.ts";
import { FLOOR } from "./distance.ts";
import { applied, hadamard, inner } from "./grams.ts";
import { rowNorms, scaleRows } from "./rows.ts";
import type { Working } from "./working.ts";

/** Weights of the absolute sums beside ½·(relative error)². */
export interface Penalty {
  readonly loadings: number;
  readonly atoms: number;
}

/** A dictionary between two sweeps. */
export interface SquareState {
  /** Vectors z of length 1 [rank, size]. */
  readonly atoms: Matrix;
  /** D [outputs, rank]. */
  readonly loadings: Matrix;
  readonly relativeError: number;
  readonly objective: number;
  /** Last direction and preconditioned gradient, and the step that was taken. */
  readonly memory?: {
    readonly direction: Matrix;
    readonly gradient: Matrix;
    readonly energy: number;
    readonly step: number;
  };
}

/** Passes of coordinate descent over the loadings, at most. */
const PASSES = 30;

/** The best loadings for given vectors. */
export function beginSquares(work: Working, atoms: Matrix, penalty: Penalty): SquareState {
  return assessed(work, unit(atoms), matrix(work.readout.rows, atoms.rows), penalty);
}

function unit(source: Matrix): Matrix {
  return scaleRows(copy(source), rowNorms(source).map((norm) => norm > 0 ? 1 / norm : 0));
}

/** Loadings for these vectors and what they leave. */
function assessed(work: Working, atoms: Matrix, before: Matrix, penalty: Penalty): SquareState {
  const both = hadamard(matmul(work.left, atoms, "NT"), matmul(work.right, atoms, "NT"));
  const target = matmul(work.readout, both), overlap = matmul(atoms, atoms, "NT");
  const gram = hadamard(overlap, overlap), size = Math.sqrt(work.energy);
  const loadings = penalty.loadings > 0
    ? thresholded(gram, target, before, penalty.loadings * size)
    : solvedReadout(copy(gram), target, before);
  const square = inner(loadings, matmul(loadings, gram));
  const loss = Math.max(0, (work.energy - 2 * inner(loadings, target) + square) / work.energy);
  const relativeError = Math.max(FLOOR, Math.sqrt(loss));
  const sum = (data: Float64Array): number =>
    data.reduce((total, value) => total + Math.abs(value), 0);
  const objective = relativeError ** 2 / 2 + penalty.loadings * sum(loadings.data) / size +
    penalty.atoms * sum(atoms.data);
  return { atoms, loadings, relativeError, objective };
}

/** min ½·tr(D·K·Dᵀ) − ⟨D, target⟩ + λ·Σ|D|, one entry after the other, from where D is. */
function thresholded(gram: Matrix, target: Matrix, before: Matrix, lambda: number): Matrix {
  const loadings = copy(before), rank = gram.rows;
  for (let o = 0; o < target.rows; o++) {
    const own = loadings.data.subarray(o * rank, (o + 1) * rank);
    for (let pass = 0; pass < PASSES; pass++) {
      let moved = 0, largest = 0;
      for (let r = 0; r < rank; r++) {
        const diagonal = gram.data[r * rank + r]!;
        if (diagonal === 0) continue;
        let rest = target.data[o * rank + r]!;
        for (let s = 0; s < rank; s++) {
          if (s !== r) rest -= gram.data[r * rank + s]! * own[s]!;
        }
        const next = Math.sign(rest) * Math.max(0, Math.abs(rest) - lambda) / diagonal;
        moved = Math.max(moved, Math.abs(next - own[r]!));
        largest = Math.max(largest, Math.abs(next));
        own[r] = next;
      }
      if (moved <= 1e-10 * largest) break;
    }
  }
  return loadings;
}

/** One step of all vectors and the loadings, or nothing where no step lowers the objective. */
export function sweepSquares(
  work: Working,
  state: SquareState,
  penalty: Penalty,
): SquareState | undefined {
  const { atoms, loadings, memory } = state;
  const weights = matmul(loadings, loadings, "TN");
  const metric = hadamard(matmul(atoms, atoms, "NT"), weights);
  const descent = applied(work, matmul(work.readout, loadings, "TN"), atoms);
  const pulled = matmul(metric, atoms);
  descent.data.forEach((value, i) => descent.data[i] = value - pulled.data[i]!);
  damp(metric);
  const pull = Float64Array.from(
    { length: metric.rows },
    (_, r) => penalty.atoms * work.energy / (2 * metric.data[r * metric.rows + r]!),
  );
  const inverse = solveSymmetric(metric, identity(metric.rows)).solution;
  const gradient = matmul(inverse, descent), energy = inner(gradient, descent);
  if (!(energy > 0)) return undefined;
  let direction = gradient;
  // thresholds do not go with conjugate directions
  if (memory && penalty.atoms === 0) {
    // Polak and Ribière, restarted where it would not descend
    const change = copy(gradient);
    memory.gradient.data.forEach((value, i) => change.data[i] = change.data[i]! - value);
    const ratio = Math.max(0, inner(change, descent) / memory.energy);
    const conjugate = copy(gradient);
    memory.direction.data.forEach((value, i) =>
      conjugate.data[i] = conjugate.data[i]! + ratio * value
    );
    if (inner(conjugate, descent) > 0) direction = conjugate;
  }
  for (const along of direction === gradient ? [gradient] : [direction, gradient]) {
    const found = searched(work, state, along, penalty, pull);
    if (found) {
      return { ...found.state, memory: { direction: along, gradient, energy, step: found.step } };
    }
  }
  return undefined;
}

/** The longest of halved steps that lowers the objective, doubled while that lowers it further. */
function searched(
  work: Working,
  state: SquareState,
  direction: Matrix,
  penalty: Penalty,
  pull: Float64Array,
): { state: SquareState; step: number } | undefined {
  const at = (step: number): SquareState => {
    const moved = copy(state.atoms);
    direction.data.forEach((value, i) => moved.data[i] = moved.data[i]! + step * value);
    if (penalty.atoms > 0) soften(moved, pull.map((value) => value * step));
    return assessed(work, unit(moved), state.loadings, penalty);
  };
  let step = state.memory?.step ?? 1, found = at(step);
  const first = found.objective < state.objective;
  for (let tries = 0; tries < 12; tries++) {
    const next = first ? 2 * step : step / 2, candidate = at(next);
    const better = candidate.objective < Math.min(found.objective, state.objective);
    if (first && !better) break;
    [step, found] = [next, candidate];
    if (!first && better) return { state: found, step };
  }
  return found.objective < state.objective ? { state: found, step } : undefined;
}

/** Moves every entry of a row towards 0 by its threshold, and to 0 where it is closer. */
function soften(source: Matrix, thresholds: Float64Array): void {
  const { columns, data } = source;
  data.forEach((value, i) => {
    const threshold = thresholds[Math.floor(i / columns)]!;
    data[i] = Math.sign(value) * Math.max(0, Math.abs(value) - threshold);
  });
}
