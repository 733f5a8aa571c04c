import { kernels } from "../kernels/mod.ts";
import type { Tensor } from "./tensor.ts";

/** Scalars of one Adam step: see asm/optimizers.ts. */
export interface AdamStep {
  /** Learning rate / (1 − β₁ᵗ). */
  readonly rate: number;
  /** Factor of the decoupled weight decay. */
  readonly decay: number;
  /** Coefficient of the decay that is part of the gradient. */
  readonly coupled: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** 1 / √(1 − β₂ᵗ). */
  readonly root: number;
}

/** One Adam step in place on a parameter and its moments, all of one shape; `maximum` for AMSGrad. */
export function adamUpdate(
  parameter: Tensor,
  gradient: Tensor,
  first: Tensor,
  second: Tensor,
  maximum: Tensor | undefined,
  { rate, decay, coupled, beta1, beta2, epsilon, root }: AdamStep,
): void {
  kernels().adam(
    parameter.size,
    parameter.address,
    gradient.address,
    first.address,
    second.address,
    maximum?.address ?? 0,
    rate,
    decay,
    coupled,
    1 - beta1,
    beta2,
    1 - beta2,
    epsilon,
    root,
  );
}

/** Scalars of one step of gradient descent: see asm/optimizers.ts. */
export interface SgdStep {
  readonly rate: number;
  readonly decay: number;
  readonly coupled: number;
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** One step of gradient descent in place on a parameter and its velocity. */
export function sgdUpdate(
  parameter: Tensor,
  gradient: Tensor,
  velocity: Tensor,
  { rate, decay, coupled, momentum, nesterov }: SgdStep,
): void {
  kernels().sgd(
    parameter.size,
    parameter.address,
    gradient.address,
    velocity.address,
    rate,
    decay,
    coupled,
    momentum,
    nesterov ? 1 : 0,
  );
}

/** target = a·target + b·source in place, of one shape. */
export function blend(target: Tensor, a: number, source: Tensor, b: number): void {
  kernels().blend(target.size, a, target.address, b, source.address);
}

/** Cuts every element to [low, high] in place. */
export function clampInPlace(target: Tensor, low: number, high: number): void {
  kernels().clamp(target.size, low, high, target.address, target.address);
}
