/**
 * Explanations from weights alone: what each eigenvector adds to a logit, and a layer as a polynomial.
 *
 * @example
 * ```ts
 * import { explain, polynomial } from "@odot/odot/interpret";
 * import { bilinear, linear, sequential } from "@odot/odot/nn";
 * const model = sequential([bilinear(2, 3), linear(3, 2)], { seed: 1 });
 * const { evidence, remainder, linear: first, constant, logit } = explain(model, [1, 2], { top: 1 });
 * console.log(evidence[0]!.contribution + remainder + first + constant - logit); // 0 but for rounding
 * console.log(polynomial(model, { output: 0 }).collected.text);
 * ```
 *
 * @module
 */
export { explain, explainer } from "./explain.ts";
export type { Evidence, Explainer, ExplainOptions, Explanation } from "./explain.ts";
export { polynomial } from "./polynomial.ts";
export type { Formula, Polynomial, PolynomialOptions, Term } from "./polynomial.ts";
export { gate } from "./gates.ts";
export type { Gate, GateOptions } from "./gates.ts";
export { ablate } from "./ablate.ts";
export type { Ablation } from "./ablate.ts";
