// Linear algebra in f64: what the factorisations of src/linalg are made of. Matrices are row-major with rows
// `row` bytes apart; a reflector is H = I − τ·v·vᵀ with 1 at the pivot of v.
export { dot_f64 } from "./linalg_vector";
export { tridiagonalise } from "./linalg_tridiagonal";
export { applyReflectors } from "./linalg_basis";
export { tridiagonalPairs, tridiagonalRoom } from "./linalg_eigen";
export { beginMerge, endMerge, sortPairs } from "./linalg_merge";
export { qlSweeps } from "./linalg_ql";
export { applySweeps, fromStrips, toStrips } from "./linalg_sweeps";
export { blockFactor, gatherReflectors, householderRows } from "./linalg_reflectors";
export {
  largestMagnitude,
  orientRows,
  transpose_f64,
  upperSquares,
  worstDeviation,
  worstResidual,
} from "./linalg_check";
export { symmetrise } from "./linalg_symmetric";
export { bidiagonalise } from "./linalg_bidiagonal";
export { bidiagonalSweeps } from "./linalg_bidiagonal_sweeps";
export { addRows, rowDots, scaleRows } from "./linalg_rows";
export { choleskyPanel } from "./linalg_cholesky";
export { secularRoots } from "./linalg_secular";
export { secularPartners, secularVectors, secularWeights } from "./linalg_secular_vectors";
export { deflate } from "./linalg_deflation";
export { take_f64, takeRows } from "./linalg_divide";
