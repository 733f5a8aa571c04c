import {
  blend,
  clampInPlace,
  divide,
  multiply,
  multiplyRow,
  ones,
  scope,
  sqrt,
  subtract,
  sum,
  sumRows,
  type Tensor,
} from "../tensor/mod.ts";

// What happens to gradients before an update and to unit columns around it.

/** Cuts every element, and returns the factor that brings the norm of all down to the limit. */
export function clipFactor(
  gradients: ReadonlyMap<string, Tensor>,
  { value, norm }: { readonly value?: number; readonly norm?: number },
): number {
  if (value !== undefined) gradients.forEach((gradient) => clampInPlace(gradient, -value, value));
  if (norm === undefined) return 1;
  let square = 0;
  gradients.forEach((gradient) => square += sum(multiply(gradient, gradient)).item());
  // as PyTorch's clip_grad_norm_
  return Math.min(1, norm / (Math.sqrt(square) + 1e-6));
}

/** Takes from the gradient its part along each column of a matrix of unit columns. */
export function tangent(parameter: Tensor, gradient: Tensor): void {
  const along = sumRows(multiply(parameter, gradient));
  blend(gradient, 0, subtract(gradient, multiplyRow(parameter, along)), 1);
}

/** Euclidean norms of the columns of a matrix. */
function columnNorms(parameter: Tensor): Tensor {
  return sqrt(sumRows(multiply(parameter, parameter)));
}

/** Scales every column of a matrix to norm 1 in place. */
export function normalizeColumns(parameter: Tensor): void {
  const norms = columnNorms(parameter);
  blend(parameter, 0, multiplyRow(parameter, divide(ones(norms.shape), norms)), 1);
}

/** Throws unless a parameter is a matrix without columns of zeros. */
export function checkColumns(name: string, parameter: Tensor): void {
  const action = `Cannot keep the columns of "${name}" at unit norm`;
  if (parameter.shape.length !== 2) throw new TypeError(`${action}: ${parameter} is no matrix`);
  const zero = scope(() => columnNorms(parameter).toArray()).indexOf(0);
  if (zero >= 0) throw new RangeError(`${action}: column ${zero} is zero; draw it anew`);
}

/** Normalises the columns, unless they are normal: a model that goes on training keeps its bits. */
export function startUnit(parameter: Tensor): void {
  scope(() => {
    const norms = columnNorms(parameter).toArray();
    if (norms.some((norm) => !(Math.abs(norm - 1) < 1e-6))) normalizeColumns(parameter);
  });
}
