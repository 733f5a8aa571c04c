/**
 * Derivatives: an eager tape and one table of rules.
 *
 * @module
 */
export { valueAndGrad } from "./tape.ts";
export type { ValueAndGrad } from "./tape.ts";
export { rules } from "./rules.ts";
export type { Rule } from "./rules.ts";
