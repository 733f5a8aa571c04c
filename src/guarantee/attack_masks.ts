import { eigen, type Interactions, type Space } from "../decompose/mod.ts";
import { matmul, type Matrix, matrix, svd } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { random } from "../tensor/mod.ts";
import { argmax } from "./radius.ts";

/** Images that push a network towards one class wherever they are added. */
export interface Masks {
  /** One mask a row, of length 1 [count, inputs]; masks[i] moves eigenvector i and no other of these. */
  readonly masks: Matrix;
  /** The eigenvalues that the masks act through, the largest first [count]. */
  readonly values: Float64Array;
  /** Largest |vectors·masksᵀ − diagonal|, relative to the diagonal: 0 when every mask acts on its own one alone. */
  readonly crosstalk: number;
}

/**
 * Adversarial masks from weights alone: for the eigenvectors with the largest positive eigenvalues of one
 * output, the rows of their pseudo-inverse, which excite one eigenvector and leave the others as they were.
 * Source: Pearce et al. 2024 (2410.08417), adversarial masks; METHODS 9.
 *
 * @throws {RangeError} when there is no such output, the count is no whole number ≥ 1, or the output has
 * no positive eigenvalue.
 * @example
 * ```ts
 * import { decompose, guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(8, 8, { bias: false }), nn.linear(8, 2)], { seed: 1 });
 * const { masks, values } = guarantee.adversarialMasks(decompose.interactions(model), 1, { count: 2 });
 * console.log(masks.rows, values);
 * ```
 */
export function adversarialMasks(
  interactions: Interactions,
  output: number,
  options: { readonly count?: number; readonly space?: Space } = {},
): Masks {
  const { count = 10, space = "input" } = options;
  if (!(Number.isSafeInteger(count) && count >= 1)) {
    throw new RangeError(`Cannot make ${count} masks: give a whole number ≥ 1`);
  }
  const { values, vectors } = eigen(interactions.output(output), { space });
  const kept = [...values.keys()].filter((i) => values[i]! > 0).slice(0, count);
  if (kept.length === 0) {
    throw new RangeError(
      `Cannot make masks towards output ${output}: it has no positive eigenvalue`,
    );
  }
  const { columns } = vectors, rows = matrix(kept.length, columns);
  kept.forEach((from, to) =>
    rows.data.set(vectors.data.subarray(from * columns, (from + 1) * columns), to * columns)
  );
  const masks = pseudoInverseRows(rows);
  const product = matmul(rows, masks, "NT").data, n = kept.length;
  let crosstalk = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      crosstalk = Math.max(crosstalk, Math.abs(product[i * n + j]! / product[j * n + j]!));
    }
  }
  return { masks, values: Float64Array.from(kept, (i) => values[i]!), crosstalk };
}

/** Columns of the pseudo-inverse as rows, each of length 1. */
function pseudoInverseRows(rows: Matrix): Matrix {
  const { u, values, v } = svd(rows), kept = values.length;
  const scaled = matrix(
    u.rows,
    kept,
    u.data.map((x, at) => values[at % kept]! > values[0]! * 1e-12 ? x / values[at % kept]! : 0),
  );
  const result = matmul(scaled, v, "NT"), { columns, data } = result;
  for (let r = 0; r < result.rows; r++) {
    const row = data.subarray(r * columns, (r + 1) * columns), size = Math.hypot(...row);
    if (size > 0) row.forEach((x, i) => row[i] = x / size);
  }
  return result;
}

/** What adding a mask does to a model, beside the same mask with its pixels in random order. */
export interface MaskEffect {
  /** Share of inputs that are still given their labels. */
  readonly accuracy: number;
  /** Share of inputs of other classes that are given the target. */
  readonly toTarget: number;
  /** The share that keeps its labels when the pixels of the mask are shuffled. */
  readonly shuffledAccuracy: number;
  /** The share of other classes that is then given the target. */
  readonly shuffledToTarget: number;
}

/**
 * The effect of adding length · mask to inputs [rows · inputs] with labels [rows].
 *
 * @throws {TypeError} for sizes that do not fit.
 */
export function maskEffect(
  model: Model,
  inputs: ArrayLike<number>,
  labels: ArrayLike<number>,
  mask: ArrayLike<number>,
  options: { readonly target: number; readonly length: number; readonly seed?: number },
): MaskEffect {
  const { inputs: width, outputs } = model, { target, length, seed = 0 } = options;
  if (mask.length !== width || inputs.length !== labels.length * width) {
    throw new TypeError(
      `Cannot add a mask of ${mask.length} entries to ${inputs.length} numbers with ${labels.length} labels: the model takes rows of ${width}`,
    );
  }
  const order = random(seed, 0).permutation(width);
  const effect = (at: (i: number) => number): [number, number] => {
    const moved = Float32Array.from(inputs, (x, i) => x + length * at(i % width));
    const logits = model.predict(moved);
    let right = 0, drawn = 0, others = 0;
    for (let row = 0; row < labels.length; row++) {
      const found = argmax(logits.subarray(row * outputs, (row + 1) * outputs));
      if (found === labels[row]) right++;
      if (labels[row] !== target) {
        others++;
        if (found === target) drawn++;
      }
    }
    return [right / labels.length, others === 0 ? 0 : drawn / others];
  };
  const [accuracy, toTarget] = effect((i) => mask[i]!);
  const [shuffledAccuracy, shuffledToTarget] = effect((i) => mask[order[i]!]!);
  return { accuracy, toTarget, shuffledAccuracy, shuffledToTarget };
}
