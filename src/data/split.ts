import { random } from "../tensor/mod.ts";
import { type Dataset, dataset } from "./dataset.ts";

/** Options of {@linkcode split}. */
export interface SplitOptions {
  /** Share of the rows that become test data, between 0 and 1. */
  readonly testShare: number;
  /** Seed of the choice; 0 unless said. */
  readonly seed?: number;
  /** Whether every class gives the same share, or the rows of all classes are drawn alike; `"class"`. */
  readonly by?: "class" | "row";
}

/**
 * Training and test data from one dataset: no row is in both, every row is in one, both are in random
 * order. By class, every class gives its share, rounded, and keeps at least one row for training.
 *
 * @throws {RangeError} when the share is not between 0 and 1, or either part would be empty.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const whole = data.dataset({ inputs: new Float32Array(40), labels: new Uint8Array(20) });
 * const { training, test } = data.split(whole, { testShare: 0.25 });
 * console.log(training.count, test.count); // 15 5
 * ```
 */
export function split(
  whole: Dataset,
  { testShare, seed = 0, by = "class" }: SplitOptions,
): { training: Dataset; test: Dataset } {
  if (!(testShare > 0 && testShare < 1)) {
    throw new RangeError(
      `Cannot split ${whole.name}: a test share of ${testShare} must lie between 0 and 1`,
    );
  }
  const groups = by === "class" ? whole.classes : 1;
  const groupOf = (index: number): number => by === "class" ? whole.labels[index]! : 0;
  const sizes = new Uint32Array(groups), source = random(seed, SPLIT);
  for (let index = 0; index < whole.count; index++) sizes[groupOf(index)]!++;
  const wanted = sizes.map((size) => Math.min(Math.round(testShare * size), Math.max(0, size - 1)));
  const isTest = new Uint8Array(whole.count);
  for (const index of source.permutation(whole.count)) {
    if (wanted[groupOf(index)]! === 0) continue;
    wanted[groupOf(index)]!--;
    isTest[index] = 1;
  }
  // an order of its own: in that of the choice the first rows of one part are the last of the other
  const order = source.permutation(whole.count);
  const chosen = order.filter((index) => isTest[index]), rest = order.filter((i) => !isTest[i]);
  if (chosen.length === 0 || rest.length === 0) {
    throw new RangeError(
      `Cannot split ${whole.name}: a test share of ${testShare} leaves ${rest.length} of ` +
        `${whole.count} rows for training and ${chosen.length} for testing; change the share` +
        (by === "class" ? ', or split by: "row"' : ""),
    );
  }
  return {
    training: select(whole, rest, `${whole.name} training`),
    test: select(whole, chosen, `${whole.name} test`),
  };
}

/** Stream of the choice: above those that draw weights, below the orders of the batches. */
const SPLIT = 2 ** 31;

/** Copies of the rows that are named, in their order. */
function select(whole: Dataset, rows: Uint32Array, name: string): Dataset {
  const { inputs, features, labels, image, classNames } = whole;
  const size = rows.length * features;
  const taken = inputs instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);
  rows.forEach((index, i) =>
    taken.set(inputs.subarray(index * features, (index + 1) * features), i * features)
  );
  return dataset({
    name,
    inputs: taken,
    labels: Int32Array.from(rows, (index) => labels[index]!),
    classes: whole.classes,
    divisor: whole.divisor,
    ...(image ? { image } : {}),
    ...(classNames ? { classNames } : {}),
  });
}
