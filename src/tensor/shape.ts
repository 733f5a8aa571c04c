/** Sizes along each axis; [] is a single number. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** A shape as people read it: `[128, 784]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, i) => length === b[i]);
}

/** Throws a RangeError unless every length is a whole number ≥ 0. */
export function checkShape(shape: Shape): void {
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(
        `Cannot make a tensor of shape ${shapeText(shape)}: ${length} is not a whole number ≥ 0`,
      );
    }
  }
}
