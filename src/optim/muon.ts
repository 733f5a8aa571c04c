import {
  add,
  blend,
  matmul,
  matmulNT,
  matrixShape,
  multiply,
  scale,
  scope,
  sum,
  type Tensor,
  transpose,
} from "../tensor/mod.ts";
import { type AdamOptions, adamSettings, adamSlots, updateAdam } from "./adam.ts";
import {
  checkRange,
  type Match,
  matches,
  type Optimizer,
  optimizer,
  type OptimizerOptions,
  type Target,
  type Trainable,
} from "./optimizer.ts";

/** Options of {@linkcode muon}. */
export interface MuonOptions extends OptimizerOptions {
  /** Share of the velocity that is kept; 0.95 unless said. */
  readonly momentum?: number;
  /** Newton–Schulz iterations; 5 unless said. */
  readonly iterations?: number;
  /**
   * Parameters that AdamW updates instead, beside all that are no matrix: embeddings and the last layer,
   * as its author advises. Their learning rate is that of `adamw`, scaled by the schedule like Muon's.
   */
  readonly others?: Match;
  /** AdamW for the others; learningRate 1e-3 unless said. */
  readonly adamw?: Pick<AdamOptions, "learningRate" | "betas" | "epsilon">;
}

/** Coefficients of the quintic that drives every singular value towards 1. Source: Jordan et al. 2024. */
const QUINTIC = [3.4445, -4.775, 2.0315] as const;

/**
 * U·Vᵀ of the singular value decomposition of a matrix, nearly: its singular values come out between
 * about 0.7 and 1.2. Newton–Schulz iteration, Jordan et al. 2024.
 *
 * @throws {TypeError} when the tensor is no matrix.
 */
export function orthogonalize(matrix: Tensor, iterations = 5): Tensor {
  const [rows, columns] = matrixShape("orthogonalize", matrix), tall = rows > columns;
  return scope(() => {
    const wide = tall ? transpose(matrix) : matrix;
    const norm = Math.sqrt(sum(multiply(wide, wide)).item());
    let x = scale(wide, 1 / (norm + 1e-7));
    const [a, b, c] = QUINTIC;
    for (let i = 0; i < iterations; i++) {
      const gram = matmulNT(x, x);
      const polynomial = add(scale(gram, b), scale(matmul(gram, gram), c));
      x = add(scale(x, a), matmul(polynomial, x));
    }
    return tall ? transpose(x) : x;
  });
}

/**
 * Muon: momentum, orthogonalised (Jordan et al. 2024). Every matrix moves by
 * learningRate · √max(1, rows/columns) along an orthogonal direction; other parameters go by AdamW. The
 * decay is decoupled. learningRate is 0.02, weightDecay 0 unless said.
 *
 * @throws {RangeError} for an option out of range.
 */
export function muon(model: Trainable, options: MuonOptions = {}): Optimizer {
  const { momentum = 0.95, iterations = 5, others } = options;
  checkRange("momentum", momentum, 1);
  if (!Number.isSafeInteger(iterations) || iterations < 1) {
    throw new RangeError(`Cannot iterate ${iterations} times: give a whole number ≥ 1`);
  }
  const { learningRate = 0.02 } = options, { learningRate: other = 1e-3 } = options.adamw ?? {};
  checkRange("learningRate", learningRate);
  checkRange("learningRate of adamw", other);
  if (learningRate === 0) {
    throw new RangeError(
      "Cannot use learningRate 0: that of adamw is scaled with it; set it to 0 between steps instead",
    );
  }
  const settings = adamSettings(options.adamw ?? {}, "decoupled"), ratio = other / learningRate;
  const byMuon = (name: string, parameter: Tensor): boolean =>
    parameter.shape.length === 2 && !matches(others, name);
  return optimizer(model, { weightDecay: 0, ...options, learningRate }, {
    name: "muon",
    settings: { momentum, iterations, others: String(others), ratio, adamw: settings },
    slots: (name, parameter) => byMuon(name, parameter) ? ["velocity"] : adamSlots(settings),
    update: (target, time) => {
      if (!byMuon(target.name, target.parameter)) {
        updateAdam({ ...target, rate: target.rate * ratio }, time, settings);
      } else updateMuon(target, momentum, iterations);
    },
  });
}

function updateMuon(
  { parameter, gradient, slot, rate, weightDecay }: Target,
  momentum: number,
  iterations: number,
): void {
  const velocity = slot("velocity"), [rows, columns] = parameter.shape as [number, number];
  blend(velocity, momentum, gradient, 1 - momentum);
  const ahead = add(scale(gradient, 1 - momentum), scale(velocity, momentum));
  const move = orthogonalize(ahead, iterations);
  const size = rate * Math.sqrt(Math.max(1, rows / columns));
  blend(parameter, 1 - rate * weightDecay, move, -size);
}
