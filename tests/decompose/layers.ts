// Random layers of every kind that decompositions stumble over, and their tensors by plain loops.
import { fromFactors, type Interactions } from "../../src/decompose/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import { numbers } from "../support/numbers.ts";

/** What is special about a layer's weights. */
export const KINDS = ["plain", "biased", "deficient", "zero", "huge", "tiny"] as const;

/** A layer of one kind: `deficient` repeats neurons and outputs, `huge` and `tiny` scale by 1e30. */
export function randomLayer(
  kind: (typeof KINDS)[number],
  [inputs, neurons, outputs]: readonly number[],
  seed: number,
): Interactions {
  const draw = numbers(seed), size = { huge: 1e30, tiny: 1e-30, zero: 0 }[kind as "huge"] ?? 1;
  const [n, h, o] = [inputs!, neurons!, outputs!];
  const values = (count: number): Float64Array => draw.doubles(count).map((value) => value * size);
  const left = values(h * n), right = values(h * n), readout = values(o * h);
  if (kind === "deficient") {
    for (let k = 1; k < h; k += 2) {
      left.copyWithin(k * n, 0, n);
      right.copyWithin(k * n, 0, n);
    }
    for (let i = 1; i < o; i += 2) readout.copyWithin(i * h, 0, h);
  }
  const bias = (count: number): Float64Array =>
    kind === "biased" ? draw.doubles(count) : new Float64Array(count);
  return fromFactors({
    ...{ left: matrix(h, n, left), right: matrix(h, n, right), readout: matrix(o, h, readout) },
    ...{ leftBias: bias(h), rightBias: bias(h), outputBias: bias(o) },
  });
}

/** Seeded sizes [inputs, neurons, outputs], 1 and 2 among them. */
export function randomSizes(count: number, seed: number): number[][] {
  const draw = numbers(seed);
  return Array.from({ length: count }, (_, i) => {
    const most = i % 3 === 0 ? 3 : 9;
    return draw.whole(3, 1, most);
  });
}

/** Every kind with `each` sizes. */
export function layers(each: number, seed: number): { name: string; layer: Interactions }[] {
  return KINDS.flatMap((kind, i) =>
    randomSizes(each, seed + i).map((sizes, j) => ({
      name: `${kind} [${sizes.join(", ")}] seed ${seed + 100 * i + j}`,
      layer: randomLayer(kind, sizes, seed + 100 * i + j),
    }))
  );
}

/** B [outputs, inputs, inputs] by plain loops. */
export function denseOf(layer: Interactions): Float64Array {
  const { inputs: n, neurons, outputs, left, right, readout } = layer;
  const all = new Float64Array(outputs * n * n);
  for (let o = 0; o < outputs; o++) {
    for (let k = 0; k < neurons; k++) {
      const weight = readout.data[o * neurons + k]! / 2;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const at = (o * n + i) * n + j;
          all[at] = all[at]! +
            weight * (left.data[k * n + i]! * right.data[k * n + j]! +
                left.data[k * n + j]! * right.data[k * n + i]!);
        }
      }
    }
  }
  return all;
}

/** ‖a − b‖/‖a‖ without overflow; 0 where both vanish. */
export function relativeGap(a: Float64Array, b: Float64Array): number {
  const largest = a.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  if (largest === 0) return b.every((value) => value === 0) ? 0 : Infinity;
  let gap = 0, size = 0;
  a.forEach((value, i) => {
    gap += ((value - b[i]!) / largest) ** 2;
    size += (value / largest) ** 2;
  });
  return Math.sqrt(gap / size);
}
