/**
 * Decompositions from weights alone: the interaction tensor in factors, its eigenvectors, truncation.
 *
 * @example
 * ```ts
 * import { eigen, interactions } from "@odot/odot/decompose";
 * import { bilinear, linear, sequential } from "@odot/odot/nn";
 * const model = sequential([bilinear(4, 6), linear(6, 2)], { seed: 1 });
 * const { values, vectors, relativeError } = eigen(interactions(model).output(0), { rank: 2 });
 * console.log(values.length, vectors.columns, relativeError); // 2, 4, what the other eigenvectors hold
 * ```
 *
 * @module
 */
export { fromFactors, interactions } from "./interactions.ts";
export type { Basis, Embedding, Factors, Interactions, Space } from "./interactions.ts";
export type { QuadraticForm } from "./quadratic_form.ts";
export { eigen } from "./eigen.ts";
export type { Eigen, EigenOptions } from "./eigen.ts";
export { effectiveRank } from "./effective_rank.ts";
export type { EffectiveRank } from "./effective_rank.ts";
export { truncate } from "./truncate.ts";
export type { Truncation } from "./truncate.ts";
export { accuracyByRank } from "./accuracy_by_rank.ts";
export type { RankAccuracy, RankOptions } from "./accuracy_by_rank.ts";
