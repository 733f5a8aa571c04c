import { bytes as bytesAt, kernels, withBlocks } from "../kernels/mod.ts";
import { type Shape, shapeText, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/** Nested arrays of numbers. */
export type Nested = number | readonly Nested[];

function shapeOf(values: Nested): number[] {
  const shape: number[] = [];
  for (let level: Nested | undefined = values; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
  }
  return shape;
}

function flatten(values: Nested, shape: readonly number[], depth: number, into: number[]): void {
  if (typeof values === "number") {
    if (depth === shape.length) {
      into.push(values);
      return;
    }
  } else if (values.length === shape[depth]) {
    for (const value of values) flatten(value, shape, depth + 1, into);
    return;
  }
  throw new TypeError(
    `Cannot make a tensor of uneven rows: expected shape ${shapeText(shape)} throughout`,
  );
}

/**
 * A tensor from nested arrays, or from a flat array and a shape.
 *
 * @throws {TypeError} when rows are uneven, or the number of values does not fit the shape.
 * @example
 * ```ts
 * import { tensor } from "@odot/odot";
 * const a = tensor([[1, 2], [3, 4]]);
 * const b = tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * console.log(`${a} ${b}`); // f32[2, 2] f32[2, 2]
 * ```
 */
export function tensor(values: Nested | ArrayLike<number>, shape?: Shape): Tensor {
  if (shape !== undefined || ArrayBuffer.isView(values)) {
    const flat = (typeof values === "number" ? [values] : values) as ArrayLike<number>;
    const wanted = shape ?? [flat.length];
    if (Array.isArray(flat) && flat.some(Array.isArray)) {
      throw new TypeError(
        `Cannot make a tensor of shape ${
          shapeText(wanted)
        } from nested arrays: give a flat array, or leave out the shape`,
      );
    }
    if (sizeOf(wanted) !== flat.length) {
      throw new TypeError(
        `Cannot make a tensor of shape ${shapeText(wanted)} from ${flat.length} values: it takes ${
          sizeOf(wanted)
        }`,
      );
    }
    return new Tensor(wanted).set(flat);
  }
  const nested = values as Nested, found = shapeOf(nested), flat: number[] = [];
  flatten(nested, found, 0, flat);
  return new Tensor(found).set(flat);
}

/** A tensor of equal numbers. */
export function full(shape: Shape, value: number): Tensor {
  return new Tensor(shape).set(new Float32Array(sizeOf(shape)).fill(value));
}

/** A tensor of zeros. */
export function zeros(shape: Shape): Tensor {
  return full(shape, 0);
}

/** A tensor of ones. */
export function ones(shape: Shape): Tensor {
  return full(shape, 1);
}

/**
 * Labels or indices as i32: [count] unless a shape is given, such as [batch, length] for an embedding.
 *
 * @throws {TypeError} when the number of values does not fit the shape.
 */
export function indices(values: ArrayLike<number>, shape: Shape = [values.length]): Tensor {
  if (sizeOf(shape) !== values.length) {
    throw new TypeError(
      `Cannot make indices of shape ${shapeText(shape)} from ${values.length} values: it takes ${
        sizeOf(shape)
      }`,
    );
  }
  return new Tensor(shape, "i32").set(values);
}

/** A tensor of bytes / divisor, as for pixels with divisor 255. */
export function fromBytes(values: Uint8Array, shape: Shape, divisor = 1): Tensor {
  if (values.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot make a tensor of shape ${shapeText(shape)} from ${values.length} bytes: it takes ${
        sizeOf(shape)
      }`,
    );
  }
  const made = new Tensor(shape);
  withBlocks([values.length], (block) => {
    bytesAt(block, values.length).set(values);
    kernels().fromBytes(made.size, block, divisor, made.address);
  });
  return made;
}
