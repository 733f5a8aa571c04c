import { text } from "./checks.ts";

/**
 * How much to keep: a number for every mode (or bond), one number each, the share of ‖X‖² to keep, or
 * ‖X − X̂‖/‖X‖ to stay within; dimensionless.
 */
export type RankChoice =
  | number
  | readonly number[]
  | { readonly energy: number }
  | { readonly relativeError: number };

/** Ranks that are given, or the relative error that may be made. */
export type Goal = { readonly ranks: readonly number[] } | { readonly relativeError: number };

/**
 * What a choice asks for, where mode i has at most rank most[i]. One number for all is cut to what a mode
 * can have, as tensorly does.
 *
 * @throws {RangeError} for ranks that are not possible, or a share that is none; {TypeError} for neither.
 */
export function goalOf(choice: RankChoice, most: readonly number[], action: string): Goal {
  if (typeof choice === "number") {
    const largest = Math.max(...most);
    if (!Number.isSafeInteger(choice) || choice < 1 || choice > largest) {
      throw new RangeError(
        `${action} a tensor to rank ${choice}: ranks are whole numbers, 1 to ${largest}`,
      );
    }
    return { ranks: most.map((limit) => Math.min(limit, choice)) };
  }
  if (typeof choice === "object" && choice !== null && "length" in choice) {
    const fits = choice.length === most.length &&
      choice.every((rank, i) => Number.isSafeInteger(rank) && rank >= 1 && rank <= most[i]!);
    if (!fits) {
      throw new RangeError(
        `${action} a tensor to ranks ${text(choice)}: give ${most.length} whole numbers, 1 to ${
          text(most)
        }`,
      );
    }
    return { ranks: choice };
  }
  // a hair less, so that rounding in the singular values does not break the promise
  return { relativeError: requireShare(choice, action) * (1 - 1e-9) };
}

/** The relative error that a share of the energy, or a relative error, leaves. */
export function requireShare(
  choice: { readonly energy: number } | { readonly relativeError: number },
  action: string,
): number {
  const given = choice as { energy?: number; relativeError?: number } | null | undefined;
  const name = given?.energy === undefined ? "relativeError" : "energy", value = given?.[name];
  if (typeof value !== "number") {
    throw new TypeError(
      `${action} a tensor to the rank ${choice}: give whole numbers, { energy } or { relativeError }`,
    );
  }
  if (!(value >= 0 && value <= 1)) {
    throw new RangeError(`${action} a tensor with ${name} ${value}: it is a share from 0 to 1`);
  }
  return name === "energy" ? Math.sqrt(1 - value) : value;
}

/** The fewest leading values, at least one, whose others have squares that sum up to at most `budget`. */
export function fewest(values: Float64Array, budget: number): number {
  let rest = 0, keep = values.length;
  while (keep > 1) {
    rest += values[keep - 1]! ** 2;
    if (!(rest <= budget)) break;
    keep--;
  }
  return keep;
}

/** Σ of the squares from entry `from` on, the smallest first. */
export function tail(values: Float64Array, from: number): number {
  let sum = 0;
  for (let i = values.length - 1; i >= from; i--) sum += values[i]! ** 2;
  return sum;
}

/** What rounding adds to a bound that holds in exact arithmetic; relative, with room to spare. */
const ROUNDING = 1e-13;

/** The bound of a relative error from the sum of the squares that were discarded. */
export function boundOf(discarded: number, norm: number): number {
  return (discarded === 0 ? 0 : Math.sqrt(discarded) / norm) + ROUNDING;
}
