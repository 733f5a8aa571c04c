// Reads the reference results in tests/golden: see tests/golden/README.md.
import { readSafetensors } from "../../src/formats/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assert } from "@std/assert";

/** An array as the fixtures write it. */
export interface FixtureArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly number[];
}

/** One case of grad_checks.json. */
export interface GradientCase {
  readonly inputs: Readonly<Record<string, FixtureArray>>;
  /** Weights of the outputs in the loss; absent where the loss is a mean. */
  readonly cotangent?: FixtureArray;
  readonly output?: FixtureArray;
  readonly logits?: FixtureArray;
  readonly probs?: FixtureArray;
  readonly loss: number;
  readonly grads: Readonly<Record<string, FixtureArray>>;
}

/** Bytes of a file in tests/golden. */
export function readGolden(name: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../golden/${name}`, import.meta.url));
}

/** A JSON file in tests/golden. */
export function readGoldenJson<T>(name: string): T {
  return JSON.parse(new TextDecoder().decode(readGolden(name))) as T;
}

/** All cases of grad_checks.json by name. */
export function gradientCases(): Readonly<Record<string, GradientCase>> {
  return readGoldenJson("grad_checks.json");
}

/** Largest |actual − expected| over the largest |expected|; NaN where any is NaN. */
export function relativeDeviation(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
): number {
  let difference = 0, magnitude = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i]! - expected[i]!);
    difference = gap > difference || Number.isNaN(gap) ? gap : difference;
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
    if (Number.isNaN(difference)) return NaN;
  }
  return magnitude === 0 ? difference : difference / magnitude;
}

/** Fails unless two arrays are of one length and deviate by at most `tolerance`, relative. */
export function assertRelative(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "array",
): void {
  assert(
    actual.length === expected.length,
    `${what}: ${actual.length} numbers, expected ${expected.length}`,
  );
  const deviation = relativeDeviation(actual, expected);
  assert(deviation <= tolerance, `${what} deviates by ${deviation}, allowed are ${tolerance}`);
}

/** Names of the parameters in the files of the reference, by the names odot gives them. */
export const REFERENCE_NAMES = {
  "0.weight": "embed.weight",
  "1.weight": "blocks.0.weight",
  "2.weight": "head.weight",
} as const;

/** The network that the reference trained on MNIST. */
export function mnistModel(): nn.Model {
  const { tensors } = readSafetensors(readGolden("mnist_model.safetensors"));
  const model = nn.sequential([
    nn.linear(784, 256, { bias: false }),
    nn.bilinear(256, 256, { bias: false }),
    nn.linear(256, 10, { bias: false }),
  ]);
  model.assign(Object.fromEntries(
    Object.entries(REFERENCE_NAMES).map(([ours, theirs]) => [ours, tensors[theirs]!]),
  ));
  return model;
}
