/** Numbers as the f32 kernels take and give them. */
export type Floats = Float32Array<ArrayBuffer>;
/** Numbers in f64: a twin returns them where its kernel rounds in an order of its own. */
export type Doubles = Float64Array<ArrayBuffer>;
