import {
  type Eigen,
  eigen,
  type EigenOptions,
  type Interactions,
  interactions,
} from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";

/** What one eigenvector adds to a logit at one input. */
export interface Evidence {
  /** λ of the eigenvector. */
  readonly eigenvalue: number;
  /** v·x, how much of the eigenvector the input holds. */
  readonly activation: number;
  /** λ·(v·x)², what it adds to the logit. */
  readonly contribution: number;
  /** v [inputs], or [inputs + 1] where biases are homogeneous. */
  readonly vector: Float64Array;
}

/**
 * One logit of one input, taken apart: evidence + remainder + linear + constant = logit, up to
 * `residual`.
 */
export interface Explanation {
  /** Which output is explained. */
  readonly output: number;
  /** The largest output. */
  readonly prediction: number;
  /** Every output at the input [outputs]. */
  readonly logits: Float64Array;
  /** The explained output, computed from the layers and not from the parts. */
  readonly logit: number;
  /** The eigenvectors that add or take away most, the largest |contribution| first. */
  readonly evidence: readonly Evidence[];
  /** What the other eigenvectors add together. */
  readonly remainder: number;
  /** What the linear part adds. */
  readonly linear: number;
  /** The constant part. */
  readonly constant: number;
  /** Contributions of all eigenvectors, the largest by absolute value first. */
  readonly contributions: Float64Array;
  /** |logit − all parts together|: rounding only. */
  readonly residual: number;
}

/** Options of {@linkcode explain}. */
export interface ExplainOptions extends Pick<EigenOptions, "space" | "bias"> {
  /** Which output to explain; the largest one unless said. */
  readonly output?: number;
  /** How many eigenvectors to list as evidence; 10 unless said. */
  readonly top?: number;
}

/** Explains many inputs of one model: every output is decomposed once. */
export interface Explainer {
  /** Of the explained model. */
  readonly interactions: Interactions;
  /** The eigenvectors of every output, all of them. */
  readonly eigens: readonly Eigen[];
  /** Takes one logit of one input [inputs] apart. */
  explain(input: ArrayLike<number>, options?: Pick<ExplainOptions, "output" | "top">): Explanation;
}

/**
 * An explainer of a model, or of interactions made before.
 *
 * @throws {TypeError} when the model has not exactly one bilinear layer.
 */
export function explainer(
  source: Model | Interactions,
  options: Pick<ExplainOptions, "space" | "bias"> = {},
): Explainer {
  const whole = "neurons" in source ? source : interactions(source);
  const eigens = Array.from({ length: whole.outputs }, (_, o) => eigen(whole.output(o), options));
  return {
    interactions: whole,
    eigens,
    explain: (input, { output, top } = {}) => {
      const logits = checkedLogits(whole, input);
      const wanted = output ?? largest(logits);
      const decomposed = eigens[wanted];
      if (!decomposed) throw noOutput(wanted, whole);
      return takeApart(decomposed, logits, wanted, input, top);
    },
  };
}

/**
 * Takes one logit of one input apart into the contributions of eigenvectors, a linear and a constant
 * part, which add up to it. Source: Pearce et al. 2024 (2410.08417).
 *
 * @throws {TypeError} when the input is of another length or the model has not exactly one bilinear
 * layer; {RangeError} when an input is not finite, an output exceeds the largest f64, or there is no
 * such output.
 * @example
 * ```ts
 * import { interpret, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 2)], { seed: 1 });
 * const { logit, evidence, remainder, linear, constant } = interpret.explain(model, [1, 0, 2, 1]);
 * const sum = evidence.reduce((total, { contribution }) => total + contribution, 0);
 * console.log(logit - (sum + remainder + linear + constant)); // 0, up to rounding
 * ```
 */
export function explain(
  source: Model | Interactions,
  input: ArrayLike<number>,
  options: ExplainOptions = {},
): Explanation {
  const whole = "neurons" in source ? source : interactions(source);
  const logits = checkedLogits(whole, input);
  const output = options.output ?? largest(logits);
  if (!(output in logits)) throw noOutput(output, whole);
  return takeApart(eigen(whole.output(output), options), logits, output, input, options.top);
}

function checkedLogits(whole: Interactions, input: ArrayLike<number>): Float64Array {
  if (input.length !== whole.inputs) {
    throw new TypeError(
      `Cannot explain an input of ${input.length} numbers: the model takes ${whole.inputs}`,
    );
  }
  for (let i = 0; i < input.length; i++) {
    if (!Number.isFinite(input[i])) {
      throw new RangeError(`Cannot explain: input ${i} is ${input[i]}, and must be finite`);
    }
  }
  const logits = whole.evaluate(input), bad = logits.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot explain: output ${bad} would exceed the largest f64; scale the input down`,
    );
  }
  return logits;
}

function noOutput(output: number, { outputs }: Interactions): RangeError {
  return new RangeError(`Cannot explain output ${output}: the outputs are 0 to ${outputs - 1}`);
}

function largest(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}

function takeApart(
  decomposed: Eigen,
  logits: Float64Array,
  output: number,
  input: ArrayLike<number>,
  top = 10,
): Explanation {
  if (!Number.isSafeInteger(top) || top < 0) {
    throw new RangeError(`Cannot list ${top} eigenvectors: give a whole number ≥ 0`);
  }
  const { values, vectors, constant } = decomposed;
  const activations = decomposed.project(input);
  const all = activations.map((activation, i) => values[i]! * activation * activation);
  const order = [...all.keys()].sort((a, b) => Math.abs(all[b]!) - Math.abs(all[a]!) || a - b);
  const contributions = Float64Array.from(order, (i) => all[i]!);
  const evidence = order.slice(0, top).map((i): Evidence => ({
    eigenvalue: values[i]!,
    activation: activations[i]!,
    contribution: all[i]!,
    vector: vectors.data.slice(i * vectors.columns, (i + 1) * vectors.columns),
  }));
  const sum = (parts: Float64Array): number => parts.reduce((total, part) => total + part, 0);
  const linear = sum(decomposed.linear.map((weight, i) => weight * input[i]!));
  const remainder = sum(contributions.subarray(evidence.length));
  const logit = logits[output]!;
  const parts = sum(contributions.subarray(0, evidence.length)) + remainder + linear + constant;
  return {
    output,
    prediction: largest(logits),
    logits,
    logit,
    evidence,
    remainder,
    linear,
    constant,
    contributions,
    residual: Math.abs(logit - parts),
  };
}
