/**
 * Decompositions from weights alone. The interaction tensor of a bilinear layer stays in factors: `eigen`
 * of any direction of outputs; `hosvd`, `tucker`, `tensorTrain`, `cp`, `symmetricCp` and `blockTerm` of the
 * whole layer; `canonical` for the same function with fewer neurons. Each result says its error, computes
 * (`apply`), and becomes a network that runs (`toModel`). A rank is a number or a goal, such as
 * `{ energy: 0.99 }`.
 *
 * @example
 * ```ts
 * import * as decompose from "@odot/odot/decompose";
 * import * as nn from "@odot/odot/nn";
 * const model = nn.sequential([nn.bilinear(20, 12), nn.linear(12, 4)], { seed: 1 });
 * const layer = decompose.interactions(model);
 * const smaller = decompose.cp(layer, { rank: { energy: 0.9 } });
 * console.log(smaller.rank, smaller.relativeError, smaller.toModel().config.layers.length);
 * ```
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
export { hosvd } from "./hosvd.ts";
export type { Hosvd, HosvdOptions } from "./hosvd.ts";
export { tucker } from "./tucker.ts";
export type { ModeRanks, Tucker, TuckerOptions } from "./tucker.ts";
export { inputModes } from "./input_modes.ts";
export type { InputModes, InputModesOptions } from "./input_modes.ts";
export { tensorTrain } from "./tensor_train.ts";
export type { TensorTrain, TensorTrainOptions } from "./tensor_train.ts";
export { cp } from "./cp.ts";
export type { Cp, CpOptions } from "./cp.ts";
export type { DegeneratePair } from "./degeneracy.ts";
export type { DenseOptions, LayerApproximation } from "./layer_approximation.ts";
export type { Goal, Rank } from "./goal.ts";
export { logitErrorBound } from "./logit_error.ts";
export type { LogitErrorOptions } from "./logit_error.ts";
export { plan } from "./plan.ts";
export type { Method, Plan, PlanOptions } from "./plan.ts";
export { symmetricCp } from "./symmetric_cp.ts";
export type { SymmetricCp, SymmetricCpOptions } from "./symmetric_cp.ts";
export { blockTerm } from "./block_term.ts";
export type { BlockComponent, BlockTerm, BlockTermOptions } from "./block_term.ts";
export { canonical } from "./canonical.ts";
export type { Canonical } from "./canonical.ts";
export { gaussianMoments, moments } from "./moments.ts";
export type { FormMoments, Moments } from "./moments.ts";
