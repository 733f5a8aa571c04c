import { eigh, eighTop, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { squaresOf } from "./canonical_pairs.ts";
import { outputModes } from "./output_modes.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { columnsAsRows, pickRows, row } from "./rows.ts";
import type { Working } from "./working.ts";

/** A form of low rank in working coordinates, and its pattern of length 1 over the outputs. */
export interface Block {
  /** [outputs]. */
  readonly pattern: Float64Array;
  /** Eigenvalues, the largest by |value| first. */
  readonly values: Float64Array;
  /** Orthonormal rows [values, size]. */
  readonly vectors: Matrix;
}

/** How blocks begin and what they may be. */
export interface BlockSettings {
  readonly blockRank: number;
  readonly degeneracy: number;
  readonly signature?: "definite" | "indefinite";
}

/** Sizes up to here are diagonalised whole when few eigenvectors are wanted. */
const WHOLE = 160;

/** ⟨form, form'⟩ = Σ λ·λ'·(v·v')². */
export function overlap(a: Block, b: Block): number {
  const products = matmul(a.vectors, b.vectors, "NT");
  return products.data.reduce(
    (sum, value, i) =>
      sum + a.values[Math.floor(i / products.columns)]! * b.values[i % products.columns]! * value *
        value,
    0,
  );
}

/** The best form of its rank for what the other blocks leave along one block's pattern. */
export function bestBlock(
  work: Working,
  blocks: readonly Block[],
  index: number,
  rank: number,
  signature: "definite" | "indefinite",
): Block {
  const { pattern } = blocks[index]!, { size } = work;
  const weights = matmul(matrix(1, pattern.length, pattern), work.readout).data;
  const target = symmetricForm(weights, work, size);
  blocks.forEach((other, b) => {
    if (b === index) return;
    const shared = other.pattern.reduce((sum, value, o) => sum + value * pattern[o]!, 0);
    subtract(target, other, shared);
  });
  const candidates = signature === "indefinite"
    ? [topPairs(target, rank, "magnitude")]
    : [topPairs(target, rank, "largest"), topPairs(target, rank, "smallest")];
  const energy = ({ values }: { values: Float64Array }): number =>
    values.reduce((sum, value) => sum + value * value, 0);
  return { pattern, ...candidates.reduce((a, b) => energy(b) > energy(a) ? b : a) };
}

function subtract(target: Matrix, { values, vectors }: Block, weight: number): void {
  if (weight === 0) return;
  const scaled = matrix(vectors.rows, vectors.columns);
  vectors.data.forEach((value, i) =>
    scaled.data[i] = value * weight * values[Math.floor(i / vectors.columns)]!
  );
  const form = matmul(scaled, vectors, "TN");
  form.data.forEach((value, i) => target.data[i] = target.data[i]! - value);
}

/** Eigenpairs of largest |λ|, or of largest λ above 0, or of smallest below. */
function topPairs(
  form: Matrix,
  rank: number,
  which: "magnitude" | "largest" | "smallest",
): { values: Float64Array; vectors: Matrix } {
  const few = form.rows > WHOLE && rank <= form.rows / 8;
  const top = few ? eighTop(form, rank, { which, tolerance: 1e-11 }) : undefined;
  const solved = top?.converged ? top : eigh(form);
  const wanted = which === "magnitude" ? Math.abs : (x: number) => which === "largest" ? x : -x;
  const order = [...solved.values.keys()]
    .filter((i) => wanted(solved.values[i]!) > 0)
    .sort((a, b) => wanted(solved.values[b]!) - wanted(solved.values[a]!) || b - a)
    .slice(0, rank);
  return {
    values: Float64Array.from(order, (i) => solved.values[i]!),
    vectors: columnsAsRows(solved.vectors, order),
  };
}

/** Blocks of close eigenvalues of the leading output directions, those of most energy first. */
export function blockStarts(work: Working, count: number, settings: BlockSettings): Block[] {
  const { directions, values } = outputModes(work), weights = matmul(directions, work.readout);
  const found: Block[] = [];
  for (let i = 0; i < values.length && values[i]! > 1e-9 * values[0]!; i++) {
    const squares = squaresOf(symmetricForm(row(weights, i), work, work.size));
    for (const members of clusters(squares.values, settings)) {
      found.push({
        pattern: row(directions, i).slice(),
        values: Float64Array.from(members, (j) => squares.values[j]!),
        vectors: pickRows(squares.vectors, members),
      });
    }
  }
  const energy = (block: Block): number => block.values.reduce((sum, x) => sum + x * x, 0);
  return found.sort((a, b) => energy(b) - energy(a)).slice(0, count);
}

/** Indices of eigenvalues, the largest first, in groups that split no degenerate set they can hold. */
function clusters(values: Float64Array, settings: BlockSettings): number[][] {
  const { blockRank, degeneracy, signature = "definite" } = settings;
  const near = degeneracy * Math.abs(values[0] ?? 0);
  const kinds = signature === "definite"
    ? [(x: number) => x > 0, (x: number) => x < 0]
    : [() => true];
  return kinds.flatMap((kind) => {
    const groups: number[][] = [];
    for (const i of [...values.keys()].filter((j) => kind(values[j]!))) {
      const last = groups.at(-1),
        gap = last && Math.abs(values[last.at(-1)!]!) - Math.abs(values[i]!);
      if (last && gap! <= near && last.length < blockRank) last.push(i);
      else groups.push([i]);
    }
    const filled: number[][] = [];
    for (const group of groups) {
      const last = filled.at(-1);
      if (last && last.length + group.length <= blockRank) last.push(...group);
      else filled.push([...group]);
    }
    return filled;
  });
}
