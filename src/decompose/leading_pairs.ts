import { eighTop, matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { oriented } from "./leading.ts";
import { FEW } from "./plan.ts";
import type { QuadraticForm } from "./quadratic_form.ts";
import { columnsAsRows } from "./rows.ts";

/** What Lanczos iteration finds of a form. */
export interface LeadingPairs {
  readonly values: Float64Array;
  readonly vectors: Matrix;
  readonly spectrum: Float64Array;
  readonly complete: false;
  readonly residual: number;
  readonly norm: number;
  readonly relativeError: number;
}

/** Share of what its neurons add up to from which a form's norm is known. */
const CANCELLED = 1e-6;

/** The eigenpairs of largest |λ| from the factors, or nothing where they are not few, or do not converge. */
export function leadingPairs(form: QuadraticForm, rank: number): LeadingPairs | undefined {
  const { interactions, neuronWeights } = form, { inputs, neurons } = interactions;
  if (rank > FEW * Math.min(inputs, 2 * neurons)) return undefined;
  const weights = matrix(1, neurons, neuronWeights);
  const square = matmul(matmul(weights, interactions.gram()), weights, "NT").data[0]!;
  const norm = Math.sqrt(Math.max(0, square));
  const gram = interactions.gram();
  const summed = neuronWeights.reduce(
    (sum, value, k) => sum + Math.abs(value) * Math.sqrt(gram.data[k * neurons + k]!),
    0,
  );
  // a form that vanishes, or nearly does by cancelling, has no norm that inner products could tell
  if (!(norm > CANCELLED * summed && norm < Infinity)) return undefined;
  const top = eighTop({ size: inputs, apply: (x) => applyForm(form, x) }, rank, {
    tolerance: 1e-11,
    maximum: Math.max(1000, 60 * rank),
  });
  if (!top.converged) return undefined;
  const floor = inputs * Math.abs(top.values[0] ?? 0) * 2 ** -52;
  const kept = [...top.values.keys()].filter((i) => Math.abs(top.values[i]!) > floor);
  if (kept.length === 0) return undefined;
  const values = Float64Array.from(kept, (i) => top.values[i]!);
  const energy = values.reduce((sum, value) => sum + (value / norm) ** 2, 0);
  return {
    ...{ values, norm, complete: false },
    vectors: oriented(columnsAsRows(top.vectors, kept)),
    spectrum: values.slice().sort(),
    residual: kept.reduce((worst, i) => Math.max(worst, top.residuals[i]!), 0),
    relativeError: Math.sqrt(Math.max(0, 1 - energy)),
  };
}

/** Q·x = ½(Wᵀ(α∘Vx) + Vᵀ(α∘Wx)), one pass over each row of W and V. */
function applyForm({ interactions, neuronWeights }: QuadraticForm, x: Float64Array): Float64Array {
  const { left: { data: w }, right: { data: v }, inputs: n, neurons } = interactions;
  const result = new Float64Array(n);
  for (let k = 0; k < neurons; k++) {
    const weight = neuronWeights[k]! / 2;
    if (weight === 0) continue;
    const from = k * n;
    // two sums each, as a sum waits for its last addition
    let l0 = 0, l1 = 0, r0 = 0, r1 = 0, i = 0;
    for (; i + 1 < n; i += 2) {
      const a = x[i]!, b = x[i + 1]!;
      l0 += w[from + i]! * a;
      l1 += w[from + i + 1]! * b;
      r0 += v[from + i]! * a;
      r1 += v[from + i + 1]! * b;
    }
    if (i < n) {
      l0 += w[from + i]! * x[i]!;
      r0 += v[from + i]! * x[i]!;
    }
    const onLeft = weight * (r0 + r1), onRight = weight * (l0 + l1);
    for (let j = 0; j < n; j++) {
      result[j] = result[j]! + onLeft * w[from + j]! + onRight * v[from + j]!;
    }
  }
  return result;
}
