/**
 * Decompositions from weights alone: the interaction tensor in factors, its eigenvectors, truncation.
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
export { deepInteractions } from "./deep_interactions.ts";
export type { BilinearMap, DeepInteractions } from "./deep_interactions.ts";
export { odt } from "./odt.ts";
export type { Odt, OdtOptions } from "./odt.ts";
export type { Bond } from "./odt_bonds.ts";
export type { OdtRank } from "./odt_ranks.ts";
export { similarity } from "./similarity.ts";
export type { Comparable, Similarity, SimilarityOptions } from "./similarity.ts";
export type { InputMoments } from "./similarity_gaussian.ts";
export { similarityMap } from "./similarity_map.ts";
export type { SimilarityMap } from "./similarity_map.ts";
export { eigenspaces, projectorDistance } from "./principal_angles.ts";
export type { Eigenspace, SubspaceDistance } from "./principal_angles.ts";
export { normalForm } from "./normal_form.ts";
export type { NormalForm, NormalFormOptions } from "./normal_form.ts";
export { functionDistance } from "./function_distance.ts";
export type { FunctionDistance } from "./function_distance.ts";
