import { matmul, type Matrix, matrix, transpose } from "../linalg/mod.ts";

/** Left and right vectors of neurons [neurons, size]: neuron k is the form sym(left_k·right_kᵀ). */
export interface Pair {
  /** [neurons, size]. */
  readonly left: Matrix;
  /** [neurons, size]. */
  readonly right: Matrix;
}

/**
 * ⟨sym(l_a·r_aᵀ), sym(l'_b·r'_bᵀ)⟩ = ½[(LL'ᵀ)∘(RR'ᵀ) + (LR'ᵀ)∘(RL'ᵀ)] of two sets of neurons [a, b]
 * : every norm and inner product of interaction tensors is a sum of these.
 */
export function neuronGram(a: Pair, b: Pair): Matrix {
  const straight = hadamard(matmul(a.left, b.left, "NT"), matmul(a.right, b.right, "NT"));
  const across = matmul(a.left, b.right, "NT");
  // of one set with itself the second is the transpose of the first
  const crossed = hadamard(
    a.left === b.left && a.right === b.right ? transpose(across) : matmul(a.right, b.left, "NT"),
    across,
  );
  straight.data.forEach((value, i) => straight.data[i] = (value + crossed.data[i]!) / 2);
  return straight;
}

/** Entrywise product, written over the first. */
export function hadamard(a: Matrix, b: Matrix): Matrix {
  for (let i = 0; i < a.data.length; i++) a.data[i] = a.data[i]! * b.data[i]!;
  return a;
}

/** Σ aᵢ·bᵢ. */
export function inner(a: Matrix, b: Matrix): number {
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += a.data[i]! * b.data[i]!;
  return total;
}

/** U·K·Uᵀ [outputs, outputs]: inner products of the outputs' forms. */
export function outputGram(readout: Matrix, gram: Matrix): Matrix {
  return matmul(matmul(readout, gram), readout, "NT");
}

/**
 * Σ_o Q_o·P·Pᵀ·Q_o [size, size], with `through` the vectors of the neurons times P and the identity
 * for P unless given: ¼[Wᵀ(C∘VPPᵀVᵀ)W + Wᵀ(C∘VPPᵀWᵀ)V + …] with C = UᵀU.
 */
export function inputGram(readout: Matrix, pair: Pair, through: Pair = pair): Matrix {
  const { left, right } = pair;
  const weights = matmul(readout, readout, "TN");
  const weighted = (a: Matrix, b: Matrix): Matrix => hadamard(matmul(a, b, "NT"), weights);
  const part = (a: Matrix, weight: Matrix, b: Matrix): Matrix => matmul(a, matmul(weight, b), "TN");
  const crossed = part(left, weighted(through.right, through.left), right);
  const first = part(left, weighted(through.right, through.right), left);
  const second = part(right, weighted(through.left, through.left), right);
  const size = left.columns, result = matrix(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = i * size + j;
      result.data[at] = (first.data[at]! + second.data[at]! + crossed.data[at]! +
        crossed.data[j * size + i]!) / 4;
    }
  }
  return result;
}

/** Row r is Σ_k weights[k,r]·sym(l_k·r_kᵀ)·x_r, for rows x [r, size]: forms applied without being formed. */
export function applied({ left, right }: Pair, weights: Matrix, rows: Matrix): Matrix {
  const onRight = hadamard(matmul(left, rows, "NT"), weights);
  const onLeft = hadamard(matmul(right, rows, "NT"), weights);
  const result = matmul(onLeft, left, "TN"), other = matmul(onRight, right, "TN");
  result.data.forEach((value, i) => result.data[i] = (value + other.data[i]!) / 2);
  return result;
}
