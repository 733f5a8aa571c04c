import { identity, matmul, type Matrix, matrix, solveSymmetric, transpose } from "../linalg/mod.ts";
import type { Components } from "./distance.ts";
import { FLOOR } from "./distance.ts";
import { applied, hadamard, inner, neuronGram, type Pair } from "./grams.ts";
import { rowNorms, scaleColumns, scaleRows } from "./rows.ts";
import type { Working } from "./working.ts";

/** Components between two sweeps: left and right of length 1, sizes in the readout. */
export interface State extends Components {
  /** Never below what inner products can tell from 0. */
  readonly relativeError: number;
  /** How far the last extrapolated step went. */
  readonly reach: number;
}

/** Weight of the proximal term, relative to the diagonal of the normal equations. */
const PROXIMAL = 1e-10;
/** Conjugate gradient steps for one side, at most. */
const STEPS = 6;
/** Steps end where the squared residual has fallen by this factor. */
const ENOUGH = 1e-12;

/** The best readout for given neurons, as a state. */
export function begin(work: Working, start: Pair): State {
  const pair = unit(start);
  const readout = bestReadout(work, pair, matrix(work.readout.rows, pair.left.rows));
  return assessed(work, { ...pair, readout }, 1);
}

/** Left, then right, then readout, each by least squares. */
export function sweep(work: Working, state: State): State {
  const left = bestSide(work, state.left, state.right, state.readout);
  const right = bestSide(work, state.right, left, state.readout);
  const norms = [rowNorms(left), rowNorms(right)] as const;
  const pair = unit({ left, right });
  const before = scaleColumns(
    copy(state.readout),
    norms[0].map((value, r) => value * norms[1][r]!),
  );
  const readout = bestReadout(work, pair, before);
  const next = assessed(work, { ...pair, readout }, state.reach);
  // least squares lower the error, rounding may raise it
  return next.relativeError <= state.relativeError ? next : state;
}

/** A step beyond the last one, where that lowers the error. */
export function refined(work: Working, now: State, before: State): State {
  const reach = now.reach,
    beyond = (a: Matrix, b: Matrix): Matrix => {
      const result = copy(a);
      b.data.forEach((value, i) => result.data[i] = a.data[i]! + reach * (a.data[i]! - value));
      return result;
    };
  const pair = unit({
    left: beyond(now.left, before.left),
    right: beyond(now.right, before.right),
  });
  const readout = bestReadout(work, pair, now.readout);
  const far = assessed(work, { ...pair, readout }, Math.min(reach * 1.5, 20));
  return far.relativeError < now.relativeError ? far : { ...now, reach: Math.max(0.5, reach / 2) };
}

export function copy(source: Matrix): Matrix {
  return matrix(source.rows, source.columns, source.data);
}

/** Rows of length 1; rows that vanish stay as they are. */
function unit({ left, right }: Pair): Pair {
  const one = (source: Matrix): Matrix =>
    scaleRows(copy(source), rowNorms(source).map((norm) => norm > 0 ? 1 / norm : 1));
  return { left: one(left), right: one(right) };
}

function assessed(work: Working, parts: Components, reach: number): State {
  const both = neuronGram(work, parts), own = neuronGram(parts, parts);
  const cross = inner(parts.readout, matmul(work.readout, both));
  const square = inner(parts.readout, matmul(parts.readout, own));
  const loss = Math.max(0, (work.energy - 2 * cross + square) / work.energy);
  // differences below the floor are rounding, up or down
  return { ...parts, reach, relativeError: Math.max(FLOOR, Math.sqrt(loss)) };
}

/** D with D·K = U·K', the least squares of the readout, staying near the last where K is singular. */
export function bestReadout(work: Working, pair: Pair, before: Matrix): Matrix {
  return solvedReadout(
    neuronGram(pair, pair),
    matmul(work.readout, neuronGram(work, pair)),
    before,
  );
}

/** D with D·(K + ρ) = target + ρ·before. */
export function solvedReadout(gram: Matrix, target: Matrix, before: Matrix): Matrix {
  const rank = gram.rows;
  const right = copy(target);
  const added = damp(gram);
  right.data.forEach((value, i) => right.data[i] = value + added * before.data[i]!);
  if (rank === 0) return right;
  return transpose(solveSymmetric(gram, transpose(right)).solution);
}

/** Adds a small multiple of the mean to the diagonal, and says how much. */
export function damp(gram: Matrix): number {
  const size = gram.rows;
  let trace = 0;
  for (let i = 0; i < size; i++) trace += gram.data[i * size + i]!;
  const added = PROXIMAL * trace / Math.max(1, size) || 1;
  for (let i = 0; i < size; i++) gram.data[i * size + i] = gram.data[i * size + i]! + added;
  return added;
}

/**
 * One side X of the neurons by least squares with the other side R and the readout D fixed:
 * ½[(E∘RRᵀ)X + (E∘(RXᵀ))R] = F with E = DᵀD and F_r = Σ D_or·Q_o·r_r, by conjugate gradients from where X
 * is, preconditioned by the first term: any number of steps lowers the error.
 */
function bestSide(work: Working, x: Matrix, other: Matrix, readout: Matrix): Matrix {
  const weights = matmul(readout, readout, "TN");
  const first = hadamard(matmul(other, other, "NT"), weights);
  first.data.forEach((value, i) => first.data[i] = value / 2);
  const preconditioner = copy(first);
  const added = damp(preconditioner);
  const action = (y: Matrix): Matrix => {
    const result = matmul(first, y);
    const coupled = matmul(hadamard(matmul(other, y, "NT"), weights), other);
    y.data.forEach((value, i) =>
      result.data[i] = result.data[i]! + coupled.data[i]! / 2 + added * value
    );
    return result;
  };
  const target = applied(work, matmul(work.readout, readout, "TN"), other);
  x.data.forEach((value, i) => target.data[i] = target.data[i]! + added * value);
  // its rounding is no matter in a preconditioner, and one product a step is all it costs
  const inverse = solveSymmetric(preconditioner, identity(preconditioner.rows)).solution;
  return conjugateGradients(action, (residual) => matmul(inverse, residual), target, x);
}

function conjugateGradients(
  action: (y: Matrix) => Matrix,
  precondition: (residual: Matrix) => Matrix,
  target: Matrix,
  start: Matrix,
): Matrix {
  const x = copy(start), residual = action(x);
  residual.data.forEach((value, i) => residual.data[i] = target.data[i]! - value);
  let z = precondition(residual), energy = inner(residual, z);
  const initial = energy, direction = copy(z);
  for (let step = 0; step < STEPS && energy > ENOUGH * initial; step++) {
    const image = action(direction), curvature = inner(direction, image);
    if (!(curvature > 0)) break;
    const length = energy / curvature;
    direction.data.forEach((value, i) => x.data[i] = x.data[i]! + length * value);
    image.data.forEach((value, i) => residual.data[i] = residual.data[i]! - length * value);
    z = precondition(residual);
    const next = inner(residual, z), ratio = next / energy;
    energy = next;
    z.data.forEach((value, i) => direction.data[i] = value + ratio * direction.data[i]!);
  }
  return x;
}
