import type { TypedArrayConstructor } from "./byte_order.ts";
import { decodeBfloat16, decodeFloat16 } from "./half.ts";

/** The typed array that carries each {@linkcode Dtype}. */
export interface TypedArrays {
  /** 64-bit floating point. */
  F64: Float64Array;
  /** 32-bit floating point. */
  F32: Float32Array;
  /** IEEE 754 binary16, as bit patterns. */
  F16: Uint16Array;
  /** bfloat16, as bit patterns. */
  BF16: Uint16Array;
  /** 64-bit signed integers. */
  I64: BigInt64Array;
  /** 64-bit unsigned integers. */
  U64: BigUint64Array;
  /** 32-bit signed integers. */
  I32: Int32Array;
  /** 32-bit unsigned integers. */
  U32: Uint32Array;
  /** 16-bit signed integers. */
  I16: Int16Array;
  /** 16-bit unsigned integers. */
  U16: Uint16Array;
  /** 8-bit signed integers. */
  I8: Int8Array;
  /** 8-bit unsigned integers. */
  U8: Uint8Array;
  /** Truth values, one a byte: 0 is false. */
  BOOL: Uint8Array;
}

/** Element type of a tensor in a safetensors file, spelled as the format spells it. */
export type Dtype = keyof TypedArrays;

/**
 * A tensor as plain data: element type, shape, and values in row-major order.
 *
 * F16 and BF16 are carried as bit patterns, so that reading and writing change nothing;
 * {@linkcode toFloat32} converts them.
 */
export type TensorData = {
  [D in Dtype]: {
    /** Element type. */
    readonly dtype: D;
    /** Sizes of the dimensions, dimensionless; `[]` is a scalar. */
    readonly shape: readonly number[];
    /** Values in row-major order, as many as the product of the shape. */
    readonly data: TypedArrays[D];
  };
}[Dtype];

/**
 * The typed array of every dtype, in the order in which the reference implementation lays tensors
 * out: widest first.
 */
export const arrayTypes: { readonly [D in Dtype]: TypedArrayConstructor<TypedArrays[D]> } = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  BF16: Uint16Array,
  F16: Uint16Array,
  U16: Uint16Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

/** Whether `text` is the name of a dtype that odot reads and writes. */
export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(arrayTypes, text);
}

/**
 * Product of the sizes of a shape: how many elements a tensor has; 1 for a scalar.
 *
 * Undefined where the sizes other than zero multiply to more than 2⁵³ − 1, whatever their order: no
 * such tensor can be held, and a zero beside them must not hide it.
 */
export function countElements(shape: readonly number[]): number | undefined {
  let product = 1;
  for (const size of shape) {
    if (size > 0) product *= size;
    if (product > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return shape.includes(0) ? 0 : product;
}

/**
 * The values of a tensor of any dtype as f32, in a new array, rounded once to nearest, ties to even.
 *
 * F32, F16, BF16 and integers of up to 24 bits are exact; BOOL gives 0 and 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import * as io from "@odot/odot/io";
 *
 * const half = { dtype: "F16", shape: [2], data: Uint16Array.of(0x3c00, 0xc000) } as const;
 * assertEquals(io.toFloat32(half), Float32Array.of(1, -2));
 * ```
 */
export function toFloat32(tensor: TensorData): Float32Array {
  switch (tensor.dtype) {
    case "F16":
      return decodeFloat16(tensor.data);
    case "BF16":
      return decodeBfloat16(tensor.data);
    case "I64":
    case "U64":
      return Float32Array.from(tensor.data as ArrayLike<bigint>, nearestFloat32);
    case "BOOL":
      return Float32Array.from(tensor.data, (value) => value === 0 ? 0 : 1);
    default:
      return new Float32Array(tensor.data);
  }
}

/**
 * A 64-bit integer as a number that rounds to the nearest f32.
 *
 * Past 2⁵³ the way through f64 would round twice; there the lower eleven bits are folded into one
 * sticky bit, which f64 holds exactly (rounding to odd: Boldo and Melquiond, IEEE Transactions on
 * Computers 57, 2008).
 */
function nearestFloat32(integer: bigint): number {
  if (BigInt.asIntN(54, integer) === integer) return Number(integer);
  const low = integer & 0x7ffn;
  return Number((integer - low) | (low === 0n ? 0n : 0x800n));
}
