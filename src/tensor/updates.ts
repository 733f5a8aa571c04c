import { kernels } from "../kernels/mod.ts";
import type { Tensor } from "./tensor.ts";

/** Scalars of one AdamW step: see asm/adamw.ts. */
export interface AdamwStep {
  /** Learning rate / (1 − β₁ᵗ). */
  readonly rate: number;
  /** Factor of the decoupled weight decay. */
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 / √(1 − β₂ᵗ). */
  readonly root: number;
}

/** One AdamW step in place on a parameter and its two moments, all of one shape. */
export function adamwUpdate(
  parameter: Tensor,
  gradient: Tensor,
  firstMoment: Tensor,
  secondMoment: Tensor,
  { rate, decay, beta1, beta2, epsilon, root }: AdamwStep,
): void {
  kernels().adamw(
    parameter.size,
    parameter.address,
    gradient.address,
    firstMoment.address,
    secondMoment.address,
    rate,
    decay,
    1 - beta1,
    beta2,
    1 - beta2,
    epsilon,
    root,
  );
}
