import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { random } from "../tensor/mod.ts";
import { pairedSquares, squaresOf } from "./canonical_pairs.ts";
import type { Pair } from "./grams.ts";
import { outputModes } from "./output_modes.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { pickRows, row, rowNorms, stackRows } from "./rows.ts";
import type { Working } from "./working.ts";

/** Coordinates above this are not diagonalised only to begin somewhere. */
const DIAGONALISED = 640;

/** Normal numbers [rows, columns] of one stream of a seed. */
export function normalMatrix(rows: number, columns: number, seed: number, stream: number): Matrix {
  const drawn = random(seed, stream).normal([rows, columns]);
  const result = matrix(rows, columns, drawn.toArray());
  drawn[Symbol.dispose]();
  return result;
}

/** Vectors for `rank` components, filled up by random ones where there are fewer. */
function filled(pair: Pair, rank: number, seed: number, stream: number): Pair {
  const missing = rank - pair.left.rows, size = pair.left.columns;
  if (missing <= 0) return pair;
  const draw = (s: number): Matrix => normalMatrix(missing, size, seed, s);
  return {
    left: stackRows([pair.left, draw(stream)]),
    right: stackRows([pair.right, draw(stream + 1)]),
  };
}

/** The neurons that carry most: ‖readout‖·‖sym(l·rᵀ)‖, the largest first. */
function largestNeurons(work: Working, rank: number): Pair {
  const { readout, gram } = work, neurons = gram.rows;
  const sizes = Array.from({ length: neurons }, (_, k) => {
    let total = 0;
    for (let o = 0; o < readout.rows; o++) total += readout.data[o * neurons + k]! ** 2;
    return total * gram.data[k * neurons + k]!;
  });
  const order = [...sizes.keys()].filter((k) => sizes[k]! > 0)
    .sort((a, b) => sizes[b]! - sizes[a]! || a - b).slice(0, rank);
  return { left: pickRows(work.left, order), right: pickRows(work.right, order) };
}

/** Forms of the leading output directions as their own neurons, the largest first. */
function fromEigenvectors(work: Working, rank: number): Pair | undefined {
  if (work.size > DIAGONALISED) return undefined;
  const { directions, values } = outputModes(work), weights = matmul(directions, work.readout);
  const count = Math.min(values.length, rank);
  const lefts: Matrix[] = [], rights: Matrix[] = [];
  for (let i = 0; i < count && values[i]! > 1e-12 * values[0]!; i++) {
    const { values: own, vectors } = squaresOf(symmetricForm(row(weights, i), work, work.size));
    const pairs = pairedSquares(own, vectors);
    lefts.push(pairs.left);
    rights.push(pairs.right);
  }
  if (lefts.length === 0) return undefined;
  const all = { left: stackRows(lefts), right: stackRows(rights) };
  return largestRows(all, rank);
}

function largestRows(all: Pair, rank: number): Pair {
  const [l, r] = [rowNorms(all.left), rowNorms(all.right)];
  const order = [...l.keys()].sort((a, b) => l[b]! * r[b]! - l[a]! * r[a]! || a - b).slice(0, rank);
  return { left: pickRows(all.left, order), right: pickRows(all.right, order) };
}

/** Where to begin: the largest neurons, eigenvectors, and nothing, to be filled up. */
function beginnings(work: Working, rank: number, count: number): Pair[] {
  const chosen = [() => largestNeurons(work, rank), () => fromEigenvectors(work, rank)];
  const none: Pair = { left: matrix(0, work.size), right: matrix(0, work.size) };
  return Array.from({ length: count }, (_, i) => chosen[i]?.() ?? none);
}

/** Vectors of `rank` neurons to begin with: the largest neurons, eigenvectors, then random ones. */
export function pairStarts(work: Working, rank: number, count: number, seed: number): Pair[] {
  return beginnings(work, rank, count).map((pair, i) => filled(pair, rank, seed, 2 * i));
}

/** The same for squares z·zᵀ: every neuron is (l+r)(l+r)ᵀ/4 − (l−r)(l−r)ᵀ/4 with ‖l‖ = ‖r‖. */
export function squareStarts(work: Working, rank: number, count: number, seed: number): Matrix[] {
  return beginnings(work, rank, count).map(({ left, right }, start) => {
    const [l, r] = [rowNorms(left), rowNorms(right)];
    const squares = matrix(2 * left.rows, work.size);
    for (let k = 0; k < left.rows; k++) {
      const balance = l[k]! > 0 && r[k]! > 0 ? Math.sqrt(r[k]! / l[k]!) : 1;
      const [plus, minus] = [row(squares, 2 * k), row(squares, 2 * k + 1)];
      const other = row(right, k);
      row(left, k).forEach((value, i) => {
        plus[i] = value * balance + other[i]! / balance;
        minus[i] = value * balance - other[i]! / balance;
      });
    }
    const norms = rowNorms(squares);
    const order = [...norms.keys()].filter((k) => norms[k]! > 0)
      .sort((a, b) => norms[b]! - norms[a]! || a - b).slice(0, rank);
    const picked = pickRows(squares, order);
    return picked.rows === rank
      ? picked
      : stackRows([picked, normalMatrix(rank - picked.rows, work.size, seed, 1000 + start)]);
  });
}
