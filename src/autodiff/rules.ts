import {
  activateGradient,
  type Activation,
  bilinearGradient,
  causalAttentionGradient,
  crossEntropyGradient,
  divide,
  full,
  type Gate,
  matmul,
  matmulNT,
  matmulTN,
  multiply,
  multiplyRow,
  type Recorded,
  reluGradient,
  reshape,
  rmsNormGradient,
  rowsShape,
  sameShape,
  scale,
  scatterRows,
  subtract,
  sumRows,
  type Tensor,
  transpose,
} from "../tensor/mod.ts";

/**
 * From an operation and the gradient of its output, the gradient of each input; `needs` says which are
 * wanted, the others may be left out.
 */
export type Rule = (
  entry: Recorded,
  gradient: Tensor,
  needs: readonly boolean[],
) => readonly (Tensor | undefined)[];

/** Gradient of a row that was added to every row, in the shape it came in: [n] or [1, n]. */
function rowGradient(gradient: Tensor, row: Tensor): Tensor {
  return reshape(sumRows(gradient), row.shape);
}

/** A gradient in the shape of its input: leading axes may have been counted as one. */
function shaped(gradient: Tensor, input: Tensor): Tensor {
  return sameShape(gradient.shape, input.shape) ? gradient : reshape(gradient, input.shape);
}

/** The parts of x·Wᵀ + b: gradients of x, W and b from that of the product. */
function linearParts(
  [x, weight, bias]: readonly Tensor[],
  gradient: Tensor,
  [needsInput, needsWeight, needsBias]: readonly boolean[],
): (Tensor | undefined)[] {
  return [
    needsInput ? matmul(gradient, weight!) : undefined,
    needsWeight ? matmulTN(gradient, x!) : undefined,
    needsBias ? rowGradient(gradient, bias!) : undefined,
  ];
}

/** The table of derivative rules: one entry an operation, by the name it is recorded under. */
export const rules: Readonly<Record<string, Rule>> = {
  add: (_, g) => [g, g],
  subtract: (_, g, [, second]) => [g, second ? scale(g, -1) : undefined],
  multiply: ({ inputs: [a, b] }, g) => [multiply(g, b!), multiply(g, a!)],
  divide: ({ inputs: [, b], output }, g) => {
    const first = divide(g, b!);
    return [first, scale(multiply(first, output), -1)];
  },
  exp: ({ output }, g) => [multiply(g, output)],
  log: ({ inputs: [x] }, g) => [divide(g, x!)],
  sqrt: ({ output }, g) => [scale(divide(g, output), 0.5)],
  relu: ({ inputs: [x] }, g) => [reluGradient(x!, g)],
  affine: ({ attributes }, g) => [scale(g, attributes["factor"] as number)],
  addRow: ({ inputs: [, b] }, g, [, second]) => [g, second ? rowGradient(g, b!) : undefined],
  sum: ({ inputs: [x] }, g) => [full(x!.shape, g.item())],
  sumRows: ({ inputs: [x] }, g) => {
    const [m, n] = rowsShape("differentiate", x!);
    return [reshape(matmul(full([m, 1], 1), reshape(g, [1, n])), x!.shape)];
  },
  softmax: ({ output }, g) => {
    // p ⊙ (g − Σ_j g_j p_j), the sum over each row spread by a product with ones
    const weighted = multiply(g, output), n = output.shape.at(-1)!;
    return [multiply(output, subtract(g, matmul(weighted, full([n, n], 1))))];
  },
  transpose: (_, g) => [transpose(g)],
  reshape: ({ inputs: [x] }, g) => [reshape(g, x!.shape)],
  matmul: ({ inputs: [a, b] }, g, [first, second]) => [
    first ? matmulNT(g, b!) : undefined,
    second ? matmulTN(a!, g) : undefined,
  ],
  matmulNT: ({ inputs: [a, b] }, g, [first, second]) => [
    first ? matmul(g, b!) : undefined,
    second ? matmulTN(g, a!) : undefined,
  ],
  matmulTN: ({ inputs: [a, b] }, g, [first, second]) => [
    first ? shaped(matmulNT(b!, g), a!) : undefined,
    second ? shaped(matmul(a!, g), b!) : undefined,
  ],
  linear: ({ inputs }, g, needs) => linearParts(inputs, g, needs),
  bilinear: ({ inputs, saved: [halves], attributes }, g, needs) =>
    linearParts(inputs, bilinearGradient(halves!, g, attributes["gate"] as Gate), needs),
  activate: ({ inputs: [x], attributes }, g) => [
    activateGradient(x!, g, attributes["kind"] as Activation, attributes["beta"] as number),
  ],
  rmsNorm: ({ output, saved: [inverse] }, g) => [rmsNormGradient(output, inverse!, g)],
  multiplyRow: ({ inputs: [x, b] }, g, [first, second]) => [
    first ? multiplyRow(g, b!) : undefined,
    second ? rowGradient(multiply(g, x!), b!) : undefined,
  ],
  gatherRows: ({ inputs: [table], saved: [at] }, g) => [scatterRows(table!, at!, g)],
  causalAttention: ({ saved: [rotated, patterns], attributes }, g) => {
    const { heads, base } = attributes as { heads: number; base: number };
    return [causalAttentionGradient(rotated!, patterns!, g, heads, base)];
  },
  crossEntropy: ({ saved: [probabilities, labels], attributes }, g) => [
    crossEntropyGradient(
      probabilities!,
      labels!,
      attributes["smoothing"] as number,
      g.item(),
    ),
  ],
};
