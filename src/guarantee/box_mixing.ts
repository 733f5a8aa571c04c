import type { Columns } from "./box_descent.ts";

/**
 * The shift of the diagonal that the semidefinite relaxation of a form over |η_i| ≤ 1 proposes [inputs]:
 * the dual variables at an approximate optimum of min ⟨Q, X⟩ + slope·v₀ over vectors ‖v_i‖ ≤ 1,
 * X_ij = v_i·v_j, found by giving each vector its best value in turn. They need not be feasible; what they
 * lack to a proof is added afterwards. Source: Wang, Chang and Kolter 2017, The Mixing Method.
 *
 * @param columns the factors of the form.
 * @param weights weight of each product [neurons].
 * @param sizes input i is sizes_i·η_i [inputs].
 * @param slope linear part in the coordinates η [inputs].
 */
export function proposedShift(
  { left, right }: Columns,
  weights: Float64Array,
  sizes: Float64Array,
  slope: Float64Array,
  options: { readonly sweeps: number; readonly tolerance: number },
): Float64Array {
  const n = sizes.length, h = weights.length;
  const p = Math.max(2, Math.min(12, Math.ceil(Math.sqrt(2 * (n + 1)))));
  const vectors = startingVectors(n, p), shift = new Float64Array(n);
  const byLeft = new Float64Array(h * p), byRight = new Float64Array(h * p);
  const leftColumn = new Float64Array(h), rightColumn = new Float64Array(h);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < h; k++) {
      const w = left[i * h + k]! * sizes[i]!, v = right[i * h + k]! * sizes[i]!;
      for (let c = 0; c < p; c++) {
        byLeft[k * p + c] = byLeft[k * p + c]! + w * vectors[i * p + c]!;
        byRight[k * p + c] = byRight[k * p + c]! + v * vectors[i * p + c]!;
      }
    }
  }
  const pull = new Float64Array(p);
  for (let sweep = 0; sweep < options.sweeps; sweep++) {
    let change = 0, size = 0;
    for (let i = 0; i < n; i++) {
      pull.fill(0);
      pull[0] = slope[i]! / 2;
      let diagonal = 0;
      for (let k = 0; k < h; k++) {
        const w = left[i * h + k]! * sizes[i]!, v = right[i * h + k]! * sizes[i]!;
        const weight = weights[k]! / 2;
        leftColumn[k] = w;
        rightColumn[k] = v;
        diagonal += 2 * weight * w * v;
        const onRight = weight * w, onLeft = weight * v;
        for (let c = 0, at = k * p; c < p; c++, at++) {
          pull[c] = pull[c]! + onRight * byRight[at]! + onLeft * byLeft[at]!;
        }
      }
      let length = 0;
      for (let c = 0; c < p; c++) {
        pull[c] = pull[c]! - diagonal * vectors[i * p + c]!;
        length += pull[c]! * pull[c]!;
      }
      length = Math.sqrt(length);
      const divisor = Math.max(length, diagonal);
      if (!(divisor > 0)) continue;
      const before = shift[i]!;
      shift[i] = divisor - diagonal;
      change += Math.abs(shift[i]! - before);
      size += shift[i]!;
      for (let c = 0; c < p; c++) {
        const moved = -pull[c]! / divisor - vectors[i * p + c]!;
        vectors[i * p + c] = vectors[i * p + c]! + moved;
        pull[c] = moved;
      }
      for (let k = 0; k < h; k++) {
        const w = leftColumn[k]!, v = rightColumn[k]!;
        for (let c = 0, at = k * p; c < p; c++, at++) {
          byLeft[at] = byLeft[at]! + w * pull[c]!;
          byRight[at] = byRight[at]! + v * pull[c]!;
        }
      }
    }
    if (change <= options.tolerance * size) break;
  }
  return shift;
}

/** Unit vectors [n, p] that spread out, the same at every call. */
function startingVectors(n: number, p: number): Float64Array {
  const result = new Float64Array(n * p);
  for (let i = 0; i < n; i++) {
    let length = 0;
    for (let c = 0; c < p; c++) {
      // fractional parts of multiples of an irrational number are equally distributed (Weyl)
      const value = ((i * p + c + 1) * 0.6180339887498949) % 1 - 0.5;
      result[i * p + c] = value;
      length += value * value;
    }
    length = Math.sqrt(length) || 1;
    for (let c = 0; c < p; c++) result[i * p + c] = result[i * p + c]! / length;
  }
  return result;
}
