import { cosPi } from "../kernels/mod.ts";

/** Learning rate over time. */
export interface Schedule {
  /** What time counts: epochs or steps. */
  readonly unit: "epoch" | "step";
  /** Learning rate at a time, a whole number from 0. */
  readonly rate: (time: number) => number;
}

function checkRate(rate: number): void {
  if (!Number.isFinite(rate) || rate < 0) {
    throw new RangeError(`Cannot learn at rate ${rate}: it must be a finite number ≥ 0`);
  }
}

/** The same learning rate throughout. @throws {RangeError} when it is negative or not finite. */
export function constant(learningRate: number): Schedule {
  checkRate(learningRate);
  return { unit: "step", rate: () => learningRate };
}

/**
 * minimum + (learningRate − minimum)·(1 + cos(π·t/T))/2, with T in epochs or in steps; the minimum is
 * kept afterwards. Source: Loshchilov & Hutter 2017, without restarts; PyTorch's CosineAnnealingLR.
 *
 * @throws {RangeError} when a rate is negative or T is no whole number ≥ 1.
 */
export function cosine(
  learningRate: number,
  length: { readonly epochs: number } | { readonly steps: number },
  minimum = 0,
): Schedule {
  checkRate(learningRate);
  checkRate(minimum);
  const [unit, total] = "epochs" in length
    ? ["epoch", length.epochs] as const
    : ["step", length.steps] as const;
  if (!Number.isSafeInteger(total) || total < 1) {
    throw new RangeError(`Cannot spread a cosine over ${total} ${unit}s: give a whole number ≥ 1`);
  }
  return {
    unit,
    rate: (time) => minimum + (learningRate - minimum) * (1 + cosPi(Math.min(1, time / total))) / 2,
  };
}
