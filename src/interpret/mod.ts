/**
 * Explanations from weights alone: what each eigenvector adds to a logit, and a layer as a polynomial.
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
