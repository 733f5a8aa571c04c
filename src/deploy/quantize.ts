import { decodeFloat16, encodeFloat16, type Precision, type TensorData } from "../formats/mod.ts";

/** A matrix as it is stored, and the numbers that it then stands for. */
export interface StoredMatrix {
  /** The tensors of the file by their names. */
  readonly tensors: Readonly<Record<string, TensorData>>;
  /** The numbers as they are read back [rows · columns]. */
  readonly values: Float32Array;
}

/**
 * A matrix [rows, columns] in a precision. `int8` takes whole numbers from −127 to 127 and one f32 factor
 * for each row, largest |value| / 127, so that no value is wrong by more than half a factor.
 *
 * @throws {RangeError} for a value that is too large for `f16`.
 */
export function storeMatrix(
  name: string,
  shape: readonly [rows: number, columns: number],
  values: Float32Array,
  precision: Precision,
): StoredMatrix {
  if (precision === "f32") {
    return { tensors: { [name]: { dtype: "F32", shape, data: values } }, values };
  }
  if (precision === "f16") {
    const data = encodeFloat16(values), read = decodeFloat16(data);
    const bad = read.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `Cannot pack "${name}" in f16: value ${bad} is ${
          values[bad]
        }, and the largest is 65504; choose int8 or f32`,
      );
    }
    return { tensors: { [name]: { dtype: "F16", shape, data } }, values: read };
  }
  const [rows, columns] = shape;
  const data = new Int8Array(values.length), scale = new Float32Array(rows);
  const read = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * columns, (row + 1) * columns);
    const factor = Math.fround(own.reduce((top, value) => Math.max(top, Math.abs(value)), 0) / 127);
    scale[row] = factor;
    if (factor === 0) continue;
    own.forEach((value, i) => {
      const whole = Math.max(-127, Math.min(127, Math.round(value / factor)));
      data[row * columns + i] = whole;
      read[row * columns + i] = whole * factor;
    });
  }
  const tensors = {
    [name]: { dtype: "I8", shape, data },
    [`${name}.scale`]: { dtype: "F32", shape: [rows], data: scale },
  } as const;
  return { tensors, values: read };
}
