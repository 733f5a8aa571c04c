import { doubles } from "../kernels/mod.ts";
import type { Action } from "./krylov.ts";
import { largestMagnitude } from "./matrix.ts";
import { exponent, powerOfTwo } from "./scale.ts";

/** A symmetric linear map that is known by what it does to vectors. */
export interface SymmetricOperator {
  /** Dimension n, a count. */
  readonly size: number;
  /** A·x [n] for x [n]; may keep and change x. */
  readonly apply: (x: Float64Array) => ArrayLike<number>;
}

/** The action of a function, checked and scaled to about 1, and the exponent it is scaled by. */
export function guarded({ size: n, apply }: SymmetricOperator): [Action, () => number] {
  let power: number | undefined;
  const action: Action = (x, y) => {
    const image = Float64Array.from(apply(doubles(x, n).slice()));
    if (image.length !== n) {
      throw new TypeError(
        `Cannot take eigenvalues of [${n}, ${n}]: the function returned ${image.length} entries, it must return ${n}`,
      );
    }
    const largest = largestMagnitude(image);
    if (!Number.isFinite(largest)) {
      const bad = image.findIndex((value) => !Number.isFinite(value));
      throw new RangeError(
        `Cannot take eigenvalues of [${n}, ${n}]: the function returned ${
          image[bad]
        } at entry ${bad}; all entries must be finite`,
      );
    }
    if (largest > 0) power ??= -exponent(largest);
    const [f1, f2] = powerOfTwo(power ?? 0);
    doubles(y, n).set(image.map((value) => value * f1 * f2));
  };
  return [action, () => power ?? 0];
}
