import type { LinalgKernels } from "./linalg_signatures.ts";

/** An address in the kernels' memory, bytes from its start. */
export type Address = number;

/**
 * What the wasm modules export: names and parameters of asm/index.ts. Sizes count elements, rows of a
 * matrix product are bytes apart, flags are 0 or 1. Callers vouch for addresses and sizes.
 */
export interface Kernels extends LinalgKernels {
  readonly memory: WebAssembly.Memory;
  /** First address of the heap. */
  heapBase(): Address;

  /** C [m, n] (+)= A [m, k] · B [k, n]; `width` columns of B are packed into the workspace at a time. */
  matmul_f32: MatrixProduct;
  /** The same in f64. */
  matmul_f64: MatrixProduct;
  /** A thread's share of packing B: panels [first, last), of 8 columns of f32 or 4 of f64. */
  pack_f32: PanelPacking;
  pack_f64: PanelPacking;
  /** A thread's share of the product with packed panels: rows [first, last) of C. */
  sweep_f32: RowSweep;
  sweep_f64: RowSweep;
  /** y [n] = W·x for w [n, k], its rows `row` bytes apart, and x [k]. */
  matvec_f32(n: number, k: number, w: Address, row: number, x: Address, y: Address): void;
  /** y [n] = x·B for x [k] and b [k, n], its rows `row` bytes apart. */
  vecmat_f32(n: number, k: number, x: Address, b: Address, row: number, y: Address): void;

  add(n: number, x: Address, y: Address, z: Address): void;
  subtract(n: number, x: Address, y: Address, z: Address): void;
  multiply(n: number, x: Address, y: Address, z: Address): void;
  divide(n: number, x: Address, y: Address, z: Address): void;
  reluBackward(n: number, x: Address, y: Address, z: Address): void;
  exp(n: number, x: Address, y: Address): void;
  log(n: number, x: Address, y: Address): void;
  sqrt(n: number, x: Address, y: Address): void;
  relu(n: number, x: Address, y: Address): void;
  /** y = a·x + b */
  affine(n: number, a: number, b: number, x: Address, y: Address): void;
  /** y = x, cut to [low, high] */
  clamp(n: number, low: number, high: number, x: Address, y: Address): void;
  /** x = a·x + b·y */
  blend(n: number, a: number, x: Address, b: number, y: Address): void;
  addRow(m: number, n: number, x: Address, b: Address, y: Address): void;
  fromBytes(n: number, bytes: Address, divisor: number, y: Address): void;
  transpose(m: number, n: number, x: Address, y: Address): void;

  sum(n: number, x: Address): number;
  dot(n: number, x: Address, y: Address): number;
  sumRows(m: number, n: number, x: Address, y: Address, accumulate: number): void;
  /** Index of the first number of x [n] that is infinite or NaN, or n. */
  firstNotFinite(n: number, x: Address): number;
  argmaxRows(m: number, n: number, x: Address, indices: Address): void;

  bilinearForward(m: number, h: number, halves: Address, y: Address): void;
  bilinearBackward(m: number, h: number, halves: Address, g: Address, out: Address): void;

  softmaxRows(m: number, n: number, x: Address, p: Address): void;
  crossEntropyForward(
    m: number,
    n: number,
    x: Address,
    labels: Address,
    smoothing: number,
    p: Address,
    losses: Address,
  ): void;
  crossEntropyBackward(
    m: number,
    n: number,
    p: Address,
    labels: Address,
    smoothing: number,
    scale: number,
    out: Address,
  ): void;

  /** `maximum` is 0 unless AMSGrad keeps it. */
  adam(
    n: number,
    p: Address,
    g: Address,
    m: Address,
    v: Address,
    maximum: Address,
    rate: number,
    decay: number,
    coupled: number,
    rest1: number,
    beta2: number,
    rest2: number,
    epsilon: number,
    root: number,
  ): void;
  sgd(
    n: number,
    p: Address,
    g: Address,
    u: Address,
    rate: number,
    decay: number,
    coupled: number,
    momentum: number,
    nesterov: number,
  ): void;

  /** Codes of activations: src/tensor/activations.ts. */
  activate(kind: number, n: number, beta: number, x: Address, y: Address): void;
  activateBackward(
    kind: number,
    n: number,
    beta: number,
    x: Address,
    g: Address,
    y: Address,
  ): void;
  gatedForward(
    kind: number,
    m: number,
    h: number,
    beta: number,
    halves: Address,
    y: Address,
  ): void;
  gatedBackward(
    kind: number,
    m: number,
    h: number,
    beta: number,
    halves: Address,
    g: Address,
    out: Address,
  ): void;

  rmsNormForward(
    m: number,
    n: number,
    epsilon: number,
    x: Address,
    y: Address,
    inverse: Address,
  ): void;
  rmsNormBackward(
    m: number,
    n: number,
    y: Address,
    inverse: Address,
    g: Address,
    out: Address,
  ): void;
  multiplyRow(m: number, n: number, x: Address, b: Address, y: Address): void;
  gatherRows(m: number, n: number, table: Address, indices: Address, y: Address): void;
  scatterRows(m: number, n: number, g: Address, indices: Address, table: Address): void;

  causalSoftmax(n: number, scale: number, scores: Address, p: Address): void;
  causalSoftmaxBackward(n: number, scale: number, p: Address, g: Address, out: Address): void;
  rotate(
    rows: number,
    n: number,
    heads: number,
    half: number,
    sign: number,
    cos: Address,
    sin: Address,
    x: Address,
    xRow: number,
    y: Address,
    yRow: number,
  ): void;

  randomBits(n: number, y: Address, ...stream: StreamPosition): void;
  randomUniform(
    n: number,
    y: Address,
    ...parameters: [...StreamPosition, low: number, width: number]
  ): void;
  randomNormal(
    n: number,
    y: Address,
    ...parameters: [...StreamPosition, mean: number, deviation: number]
  ): void;
  addNormal(n: number, y: Address, ...parameters: [...StreamPosition, deviation: number]): void;
}

/** Signature of a matrix product; `rolled` takes the micro-kernels that loop, the same to the bit. */
export type MatrixProduct = (
  m: number,
  n: number,
  k: number,
  a: Address,
  aRow: number,
  aTransposed: number,
  b: Address,
  bRow: number,
  bTransposed: number,
  c: Address,
  cRow: number,
  accumulate: number,
  upper: number,
  width: number,
  workspace: Address,
  rolled?: number,
) => void;

/** Signature of the packing of panels of B [k, n]. */
export type PanelPacking = (
  first: number,
  last: number,
  n: number,
  k: number,
  b: Address,
  bRow: number,
  bTransposed: number,
  workspace: Address,
) => void;

/** Signature of the product of rows of A with packed panels of B [k, n]. */
export type RowSweep = (
  first: number,
  last: number,
  n: number,
  k: number,
  a: Address,
  aRow: number,
  aTransposed: number,
  workspace: Address,
  c: Address,
  cRow: number,
  accumulate: number,
  upper: number,
  rolled?: number,
) => void;

/** Seed and stream of a random sequence in halves of 32 bits, and the block of 16 numbers to begin at. */
export type StreamPosition = [
  seedLow: number,
  seedHigh: number,
  streamLow: number,
  streamHigh: number,
  block: number,
];
