// Every kernel that the library calls. Pointers and sizes in, numbers out: no allocation, no strings,
// no classes, no state besides the fixed addresses of memory.ts. Signatures as TypeScript sees them:
// src/kernels/signatures.ts; the plain twins that define each one: src/kernels/reference.
export { heapBase } from "./memory";
export { matmul_f32, matmul_f64, pack_f32, pack_f64, sweep_f32, sweep_f64 } from "./matmul";
export { matvec_f32, vecmat_f32 } from "./matvec";
export * from "./elementwise";
export * from "./reduce";
export * from "./check";
export * from "./bilinear";
export * from "./softmax";
export * from "./optimizers";
export * from "./random";
export * from "./activations";
export * from "./rows";
export * from "./attention";
export * from "./linalg";
