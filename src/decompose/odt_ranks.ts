import type { Dataset } from "../data/mod.ts";
import type { Cut } from "./odt_bonds.ts";

/**
 * How much of every state to keep: one number for all states, or one each from the first to the outputs
 * (the constant not counted); the share of ‖Θ‖² that must stay, or the relative error that may be made;
 * how much accuracy may be lost on a dataset; or how far any output may move for inputs of length ≤
 * radius. Shares of ‖Θ‖² hold by the bound, whatever the inputs are.
 */
export type OdtRank =
  | number
  | readonly number[]
  | { readonly energy: number }
  | { readonly relativeError: number }
  | { readonly accuracyDrop: number; readonly on: Dataset }
  | { readonly logitError: number; readonly radius: number };

/** Ranks of every state that a choice asks for. `measure` says the accuracy with given ranks. */
export function chooseRanks(
  cuts: readonly Cut[],
  choice: OdtRank | undefined,
  context: {
    /** ‖Θ‖² in units of scale². */
    readonly energy: number;
    readonly scale: number;
    readonly constant: boolean;
    /** Neurons that the readout reads, 0 where there is none. */
    readonly neurons: number;
    /** Accuracy with the given ranks, and without them that of the whole network. */
    readonly measure: (on: Dataset, ranks?: readonly number[]) => number;
  },
): readonly number[] {
  const most = cuts.map(({ values }) => values.length);
  if (choice === undefined) return most;
  if (typeof choice === "number") return given(choice, most);
  if (typeof choice !== "object" || choice === null) {
    throw new TypeError(
      `Cannot truncate to the rank ${choice}: give a number, numbers, { energy }, { relativeError }, { accuracyDrop, on } or { logitError, radius }`,
    );
  }
  if ("length" in choice) return given(choice, most);
  if ("energy" in choice) {
    return within(
      cuts,
      (1 - requireShare("energy", choice.energy)) * context.energy,
      context.neurons,
    );
  }
  if ("relativeError" in choice) {
    return within(
      cuts,
      requireShare("relativeError", choice.relativeError) ** 2 * context.energy,
      context.neurons,
    );
  }
  if ("logitError" in choice) {
    const { logitError, radius } = choice;
    if (!(logitError > 0) || !(radius > 0)) {
      throw new RangeError(
        `Cannot truncate to an output error of ${logitError} within radius ${radius}: both must be > 0`,
      );
    }
    const reach = reachOf(radius, cuts.length - 1, context.constant) * context.scale;
    return within(cuts, (logitError / reach) ** 2, context.neurons);
  }
  return withinAccuracy(cuts, choice, context);
}

/** ‖leaf‖ to the number of leaves, for inputs of length ≤ radius: |Δy| ≤ ‖ΔΘ‖ times this. */
export function reachOf(radius: number, depth: number, constant: boolean): number {
  return Math.hypot(constant ? 1 : 0, radius) ** (2 ** depth);
}

function given(choice: number | readonly number[], most: readonly number[]): readonly number[] {
  const alike = typeof choice === "number", largest = Math.max(1, ...most);
  const wanted = alike ? most.map(() => choice) : choice;
  const fits = wanted.length === most.length &&
    wanted.every((rank, l) =>
      Number.isSafeInteger(rank) && rank >= 1 && rank <= (alike ? largest : Math.max(1, most[l]!))
    );
  if (!fits) {
    throw new RangeError(
      alike
        ? `Cannot truncate to rank ${choice}: give a whole number from 1 to ${largest}`
        : `Cannot truncate to ranks ${
          choice.join(", ")
        }: give ${most.length} whole numbers ≥ 1, one a state, at most ${most.join(", ")}`,
    );
  }
  return wanted.map((rank, l) => Math.min(rank, most[l]!));
}

function requireShare(name: string, value: number): number {
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`Cannot truncate with ${name} ${value}: it is a share from 0 to 1`);
  }
  return value;
}

/** Every direction that may go, those that cost the bound least first: their states. */
function dropOrder(cuts: readonly Cut[]): { readonly bond: number; readonly cost: number }[] {
  return cuts.flatMap(({ charged, occurrences }, bond) =>
    Array.from(charged.subarray(1), (value) => ({ bond, cost: occurrences * value }))
  ).sort((a, b) => a.cost - b.cost || a.bond - b.bond);
}

/** Ranks after the first `count` drops; all outputs where two maps instead of one would save nothing. */
function after(
  cuts: readonly Cut[],
  order: readonly { readonly bond: number }[],
  count: number,
  neurons: number,
): number[] {
  const ranks = cuts.map(({ values }) => values.length), last = cuts.length - 1;
  for (const { bond } of order.slice(0, count)) ranks[bond]!--;
  const { width, values } = cuts[last]!;
  if (ranks[last]! * (neurons + width) >= neurons * width) ranks[last] = values.length;
  return ranks;
}

/** The most drops whose squared errors sum up to at most the budget. */
function within(cuts: readonly Cut[], budget: number, neurons: number): readonly number[] {
  const order = dropOrder(cuts);
  let spent = 0, count = 0;
  for (const { cost } of order) {
    spent += cost;
    // a hair less, so that rounding does not break the promise
    if (!(spent <= budget * (1 - 1e-9))) break;
    count++;
  }
  return after(cuts, order, count, neurons);
}

/** Bisection over the number of drops; accuracy need not fall evenly, so what is returned was measured. */
function withinAccuracy(
  cuts: readonly Cut[],
  { accuracyDrop, on }: { readonly accuracyDrop: number; readonly on: Dataset },
  { neurons, measure }: {
    readonly neurons: number;
    readonly measure: (on: Dataset, ranks?: readonly number[]) => number;
  },
): readonly number[] {
  requireShare("accuracyDrop", accuracyDrop);
  const order = dropOrder(cuts), least = measure(on) - accuracyDrop;
  let good = 0, bad = order.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (measure(on, after(cuts, order, middle, neurons)) >= least) good = middle;
    else bad = middle;
  }
  return after(cuts, order, good, neurons);
}
