import { matmul, type Matrix, matrix, svd, transpose } from "../linalg/mod.ts";
import { bilinear, linear, type Model, sequential } from "../nn/mod.ts";
import type { BilinearMap, DeepInteractions } from "./deep_interactions.ts";
import { picked } from "./deep_interactions.ts";
import { isMultiple } from "./odt_neurons.ts";

/** A layer of a network in f64. */
export interface Piece {
  readonly type: "linear" | "bilinear";
  /** [outputs, inputs], or W above V [2 · outputs, inputs]. */
  readonly weight: Matrix;
  /** As many as the weight has rows; left out of the network where all are 0. */
  readonly bias: Float64Array;
}

/**
 * The layers that compute a chain, the constant turned into biases. A map from neurons to the next state
 * stays by itself where that takes fewer numbers than folding it into the next layer; the readout is
 * split in two where its rank makes that fewer.
 */
export function piecesOf(deep: DeepInteractions, outputRank: number): Piece[] {
  const { constant, embedding, layers } = deep, pieces: Piece[] = [];
  let into: Matrix | undefined;
  if (embedding && pays(embedding, layers[0]!)) pieces.push(affinePiece(embedding, constant));
  else into = embedding;
  layers.forEach((layer, l) => {
    const next = layers[l + 1];
    const { bilinear, affine } = layerPieces({
      ...layer,
      ...(into && { left: matmul(layer.left, into), right: matmul(layer.right, into) }),
    }, { constant, last: !next });
    pieces.push(bilinear);
    into = undefined;
    if (!next) pieces.push(...readoutPieces(affine, outputRank));
    else if (pays(affine.weight, next)) pieces.push(affine);
    else into = joined(affine, constant);
  });
  return pieces;
}

/** Whether a linear map takes fewer numbers by itself than within the layer after it. */
function pays({ rows, columns }: Matrix, { left }: BilinearMap): boolean {
  return rows * (columns + 2 * left.rows) < 2 * columns * left.rows;
}

/** The readout, nothing where it is the identity, or two maps where its rank is low. */
function readoutPieces(affine: Piece, rank: number): Piece[] {
  const { weight: { rows, columns }, bias } = affine;
  if (isIdentity(affine)) return [];
  if (rank * (rows + columns) >= rows * columns) return [affine];
  const { u, values, v } = svd(affine.weight), kept = range(0, rank);
  const down = picked(transpose(v), kept, range(0, columns));
  const up = picked(u, range(0, rows), kept);
  up.data.forEach((value, i) => up.data[i] = value * values[i % rank]!);
  return [
    { type: "linear", weight: down, bias: new Float64Array(rank) },
    { type: "linear", weight: up, bias },
  ];
}

function isIdentity({ weight: { rows, columns, data }, bias }: Piece): boolean {
  return rows === columns && bias.every((value) => value === 0) &&
    data.every((value, i) => value === (i % (columns + 1) === 0 ? 1 : 0));
}

/** [[1, 0], [bias, weight]] of states with a constant, or the weight alone. */
function joined({ weight, bias }: Piece, constant: boolean): Matrix {
  if (!constant) return weight;
  const result = matrix(weight.rows + 1, weight.columns + 1);
  result.data[0] = 1;
  for (let i = 0; i < weight.rows; i++) {
    const at = (i + 1) * (weight.columns + 1);
    result.data[at] = bias[i]!;
    result.data.set(weight.data.subarray(i * weight.columns, (i + 1) * weight.columns), at + 1);
  }
  return result;
}

function affinePiece(map: Matrix, constant: boolean): Piece {
  if (!constant) return { type: "linear", weight: map, bias: new Float64Array(map.rows) };
  const rows = range(1, map.rows);
  return {
    type: "linear",
    weight: picked(map, rows, range(1, map.columns)),
    bias: picked(map, rows, [0]).data,
  };
}

/** One bilinear layer and the affine map after it; neurons that are constants become its bias. */
function layerPieces(
  { left, right, readout }: BilinearMap,
  { constant, last }: { readonly constant: boolean; readonly last: boolean },
): { readonly bilinear: Piece; readonly affine: Piece } {
  const isFixed = (k: number): boolean => constant && isMultiple(left, k) && isMultiple(right, k);
  const all = range(0, left.rows), still = all.filter(isFixed);
  const free = all.filter((k) => !isFixed(k));
  // a layer has at least one neuron, be its readout 0
  const neurons = free.length > 0 ? free : [0], count = neurons.length;
  const columns = range(constant ? 1 : 0, left.columns);
  const weight = matrix(2 * count, columns.length), bias = new Float64Array(2 * count);
  [left, right].forEach((side, half) => {
    weight.data.set(picked(side, neurons, columns).data, half * count * columns.length);
    if (constant) bias.set(picked(side, neurons, [0]).data, half * count);
  });
  // the outputs have no row for the constant, every other state has
  const rows = range(constant && !last ? 1 : 0, readout.rows);
  const moved = new Float64Array(rows.length);
  for (const k of still) {
    const value = left.data[k * left.columns]! * right.data[k * right.columns]!;
    rows.forEach((row, i) =>
      moved[i] = moved[i]! + value * readout.data[row * readout.columns + k]!
    );
  }
  const out = free.length > 0 ? picked(readout, rows, neurons) : matrix(rows.length, 1);
  return {
    bilinear: { type: "bilinear", weight, bias },
    affine: { type: "linear", weight: out, bias: moved },
  };
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

function biased({ bias }: Piece): boolean {
  return bias.some((value) => value !== 0);
}

/** Numbers in the layers of a network, biases of zeros not counted. */
export function countNumbers(pieces: readonly Piece[]): number {
  return pieces.reduce(
    (total, piece) => total + piece.weight.data.length + (biased(piece) ? piece.bias.length : 0),
    0,
  );
}

/**
 * A network that runs, of these layers.
 *
 * @throws {RangeError} when a weight exceeds the largest f32.
 */
export function networkOf(pieces: readonly Piece[]): Model {
  const model = sequential(pieces.map((piece) => {
    const { rows, columns } = piece.weight, bias = biased(piece);
    return piece.type === "linear"
      ? linear(columns, rows, { bias })
      : bilinear(columns, rows / 2, { bias });
  }));
  try {
    model.assign(Object.fromEntries(pieces.flatMap((piece, i) => [
      [`${i}.weight`, piece.weight.data],
      ...(biased(piece) ? [[`${i}.bias`, piece.bias]] : []),
    ])));
  } catch (error) {
    model[Symbol.dispose]();
    throw new RangeError(
      "Cannot make a network: its weights exceed the largest f32; scale those of the larger one down",
      { cause: error },
    );
  }
  return model;
}
