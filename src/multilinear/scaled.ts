import { exponent, powerOfTwo } from "../linalg/mod.ts";
import { text } from "./checks.ts";
import type { DenseTensor } from "./dense_tensor.ts";
import { norm } from "./products.ts";

/** A tensor times a power of two that brings its norm into [1, 2): nothing overflows on the way. */
export interface Scaled {
  readonly shape: readonly number[];
  /** Entries times 2⁻ᵏ. */
  readonly data: Float64Array;
  /** ‖X·2⁻ᵏ‖_F; 0 for a tensor of zeros. */
  readonly norm: number;
  /** x·2ᵏ of numbers in the scaled unit. */
  readonly restore: (values: Float64Array) => Float64Array;
}

/**
 * Brings a tensor of finite entries to a norm of about 1.
 *
 * @throws {RangeError} when an entry is not finite, or the norm exceeds the largest f64.
 */
export function scale(x: DenseTensor, action: string): Scaled {
  const size = norm(x);
  if (!Number.isFinite(size)) refuse(x, action);
  const k = exponent(size), [down1, down2] = powerOfTwo(-k), [up1, up2] = powerOfTwo(k);
  const data = k === 0 ? x.data : new Float64Array(x.data.length);
  if (k !== 0) { for (let i = 0; i < data.length; i++) data[i] = x.data[i]! * down1 * down2; }
  return {
    shape: x.shape,
    data,
    norm: size * down1 * down2,
    restore: (values) => values.map((value) => value * up1 * up2),
  };
}

function refuse({ shape, data }: DenseTensor, action: string): never {
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) {
    throw new RangeError(
      `${action} ${text(shape)}: its norm exceeds the largest f64; divide it by a power of two`,
    );
  }
  let rest = bad;
  const place = shape.map((_, mode) => {
    const after = shape.slice(mode + 1).reduce((product, size) => product * size, 1);
    const index = Math.floor(rest / after);
    rest %= after;
    return index;
  });
  throw new RangeError(
    `${action} ${text(shape)}: entry (${place.join(", ")}) is ${data[bad]}, all must be finite`,
  );
}

/** ‖x − y‖₂ over `norm`; 0 where both are zero. */
export function relativeDistance(x: Float64Array, y: Float64Array, norm: number): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const difference = x[i]! - y[i]!;
    sum += difference * difference;
  }
  return sum === 0 ? 0 : Math.sqrt(sum) / norm;
}
