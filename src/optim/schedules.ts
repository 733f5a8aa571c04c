import { cosPi } from "../kernels/mod.ts";

/** Learning rate over time. */
export interface Schedule {
  /** What time counts: epochs or steps. */
  readonly unit: "epoch" | "step";
  /** Learning rate at a time, a whole number from 0. */
  readonly rate: (time: number) => number;
  /** What the schedule is, as plain data: checkpoints compare it. */
  readonly config: Readonly<Record<string, unknown>>;
}

function checkRate(rate: number): void {
  if (!Number.isFinite(rate) || rate < 0) {
    throw new RangeError(`Cannot learn at rate ${rate}: it must be a finite number ≥ 0`);
  }
}

/** A length of time, in epochs or in steps. */
export type Length = { readonly epochs: number } | { readonly steps: number };

function unitOf(what: string, length: Length): readonly ["epoch" | "step", number] {
  const [unit, total] = "epochs" in length
    ? ["epoch", length.epochs] as const
    : ["step", length.steps] as const;
  if (!Number.isSafeInteger(total) || total < 1) {
    throw new RangeError(`Cannot spread ${what} over ${total} ${unit}s: give a whole number ≥ 1`);
  }
  return [unit, total];
}

/** The same learning rate throughout. @throws {RangeError} when it is negative or not finite. */
export function constant(learningRate: number): Schedule {
  checkRate(learningRate);
  return { unit: "step", rate: () => learningRate, config: { type: "constant", learningRate } };
}

/** From a to b along half a cosine, for t from 0 to 1. */
function anneal(a: number, b: number, t: number): number {
  return b + (a - b) * (1 + cosPi(Math.min(1, t))) / 2;
}

/**
 * minimum + (learningRate − minimum)·(1 + cos(π·t/T))/2, with T in epochs or in steps; the minimum is
 * kept afterwards. Source: Loshchilov & Hutter 2017, without restarts; PyTorch's CosineAnnealingLR.
 *
 * @throws {RangeError} when a rate is negative or T is no whole number ≥ 1.
 */
export function cosine(learningRate: number, length: Length, minimum = 0): Schedule {
  checkRate(learningRate);
  checkRate(minimum);
  const [unit, total] = unitOf("a cosine", length);
  return {
    unit,
    rate: (time) => anneal(learningRate, minimum, time / total),
    config: { type: "cosine", learningRate, minimum, ...length },
  };
}

/**
 * A schedule that begins with a straight rise: its rate times (t + 1)/length until the length is over, with t
 * in the unit of the schedule; the schedule then goes on from its own beginning.
 *
 * @throws {RangeError} when the length is no whole number ≥ 1.
 */
export function warmUp(length: number, after: Schedule): Schedule {
  unitOf("a warm-up", after.unit === "epoch" ? { epochs: length } : { steps: length });
  return {
    unit: after.unit,
    rate: (time) => time < length ? after.rate(0) * (time + 1) / length : after.rate(time - length),
    config: { type: "warmUp", length, after: after.config },
  };
}

/**
 * One cycle: from learningRate/startDivisor up to learningRate over `rise` of the length, then down to
 * learningRate/(startDivisor · finalDivisor), both along half a cosine. Source: Smith & Topin 2018;
 * PyTorch's OneCycleLR, whose defaults these are: rise 0.3, startDivisor 25, finalDivisor 10,000.
 *
 * @throws {RangeError} when the rate is negative, the length no whole number ≥ 1 or the rise outside (0, 1),
 * or a divisor not above 0.
 */
export function oneCycle(
  learningRate: number,
  length: Length,
  options: {
    readonly rise?: number;
    readonly startDivisor?: number;
    readonly finalDivisor?: number;
  } = {},
): Schedule {
  const { rise = 0.3, startDivisor = 25, finalDivisor = 1e4 } = options;
  checkRate(learningRate);
  const [unit, total] = unitOf("one cycle", length);
  if (!(rise > 0 && rise < 1)) {
    throw new RangeError(`Cannot rise over ${rise} of a cycle: it must be between 0 and 1`);
  }
  for (const [name, divisor] of Object.entries({ startDivisor, finalDivisor })) {
    if (!(divisor > 0 && divisor < Infinity)) {
      throw new RangeError(`Cannot use ${name} ${divisor}: it must be a finite number above 0`);
    }
  }
  const peak = rise * total - 1, end = total - 1, start = learningRate / startDivisor;
  return {
    unit,
    rate: (time) =>
      time <= peak
        ? anneal(start, learningRate, peak > 0 ? time / peak : 1)
        : anneal(learningRate, start / finalDivisor, (time - peak) / (end - peak)),
    config: { type: "oneCycle", learningRate, ...length, rise, startDivisor, finalDivisor },
  };
}
