/** One piece of work by one library: its result, which must agree with odot's, and its time. */
export interface Job<T extends Float32Array | Float64Array> {
  /** What is timed; a promise is awaited. */
  readonly run?: () => unknown;
  /** Where it runs in another process: milliseconds for a number of calls. */
  readonly time?: (calls: number) => Promise<number>;
  /** From the initial state: asked for once, before any run. */
  readonly result: () => T | Promise<T>;
  /** Frees what it holds. */
  readonly end?: () => unknown;
}
