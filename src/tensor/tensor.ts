import { allocate, floats, integers, release } from "../kernels/mod.ts";
import { enlist } from "./scope.ts";
import { checkShape, type Shape, shapeText, sizeOf } from "./shape.ts";

/** Element type: `f32` for numbers, `i32` for labels and indices. */
export type DType = "f32" | "i32";

/**
 * A dense row-major array in the kernels' memory. It is freed by the {@linkcode scope} it was made in,
 * or by `[Symbol.dispose]()`; using it afterwards throws a ReferenceError.
 */
export class Tensor {
  /** Sizes along each axis. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
  /** Number of elements. */
  readonly size: number;
  #address: number;

  /** Makes a tensor with undefined contents; use `tensor`, `zeros` or an operation instead. */
  constructor(shape: Shape, dtype: DType = "f32") {
    checkShape(shape);
    this.shape = [...shape];
    this.dtype = dtype;
    this.size = sizeOf(shape);
    this.#address = allocate(4 * this.size);
    enlist(this);
  }

  /** Whether the tensor has not been freed. */
  get alive(): boolean {
    return this.#address !== 0;
  }

  /**
   * Where the elements begin in the kernels' memory; for kernels only.
   *
   * @throws {ReferenceError} when the tensor has been freed.
   */
  get address(): number {
    if (this.#address === 0) {
      throw new ReferenceError(
        `Cannot use ${this}: it has been freed; return it from the scope() that made it, or make it outside`,
      );
    }
    return this.#address;
  }

  /** A copy of the elements, row by row. */
  toArray(): Float32Array<ArrayBuffer> {
    return this.dtype === "f32"
      ? floats(this.address, this.size).slice()
      : Float32Array.from(integers(this.address, this.size));
  }

  /**
   * The number in a tensor of one element.
   *
   * @throws {TypeError} when there are more or none.
   */
  item(): number {
    if (this.size !== 1) {
      throw new TypeError(`Cannot read ${this} as one number: it has ${this.size} elements`);
    }
    return this.toArray()[0]!;
  }

  /**
   * Overwrites the elements.
   *
   * @throws {TypeError} when the number of values differs.
   */
  set(values: ArrayLike<number>): this {
    if (values.length !== this.size) {
      throw new TypeError(
        `Cannot fill ${this} with ${values.length} values: it takes ${this.size}`,
      );
    }
    const view = this.dtype === "f32"
      ? floats(this.address, this.size)
      : integers(this.address, this.size);
    view.set(values);
    return this;
  }

  /** Frees the memory; harmless when repeated. */
  [Symbol.dispose](): void {
    if (this.#address === 0) return;
    release(this.#address, 4 * this.size);
    this.#address = 0;
  }

  /** Type and shape: `f32[128, 784]`. */
  toString(): string {
    return `${this.dtype}${shapeText(this.shape)}`;
  }
}
