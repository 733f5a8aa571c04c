import type { Components } from "./distance.ts";
import { neuronGram } from "./grams.ts";

/** Two components that nearly cancel each other. */
export interface DegeneratePair {
  /** Which components. */
  readonly components: readonly [number, number];
  /** Cosine of the angle between them as tensors, near −1; dimensionless. */
  readonly cosine: number;
}

/** A cosine from here down to −1 is degenerate (Mitchell and Burdick 1994 watch for the same). */
const DEGENERATE = -0.97;

/** Pairs of components whose tensors point in nearly opposite directions. */
export function degeneratePairs(parts: Components): DegeneratePair[] {
  const { readout } = parts, rank = readout.columns, gram = neuronGram(parts, parts);
  const product = (r: number, s: number): number => {
    let total = 0;
    for (let o = 0; o < readout.rows; o++) {
      total += readout.data[o * rank + r]! * readout.data[o * rank + s]!;
    }
    return total * gram.data[r * rank + s]!;
  };
  const lengths = Array.from({ length: rank }, (_, r) => Math.sqrt(Math.max(0, product(r, r))));
  const found: DegeneratePair[] = [];
  for (let r = 0; r < rank; r++) {
    for (let s = r + 1; s < rank; s++) {
      const length = lengths[r]! * lengths[s]!;
      const cosine = length > 0 ? product(r, s) / length : 0;
      if (cosine <= DEGENERATE) found.push({ components: [r, s], cosine });
    }
  }
  return found.sort((a, b) => a.cosine - b.cosine);
}
