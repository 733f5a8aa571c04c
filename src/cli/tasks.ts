import { type Dataset, gate, type GateLike, modularAddition, truthTable } from "../data/mod.ts";
import { digits } from "./digits.ts";
import { UsageError } from "./errors.ts";

/** Kinds of data, each with settings of its own. */
export type Kind = "images" | "table" | "gate" | "modular addition";

/** What is trained and how, unless flags say otherwise; the rates are AdamW's. */
export interface Preset {
  readonly hidden: number;
  readonly bias: boolean;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly noise: number;
}

/** Settings that work for each kind of data. */
export const presets: Readonly<Record<Kind, Preset>> = {
  images: { ...digits, bias: false },
  table: {
    ...{ hidden: 32, bias: true, epochs: 100, batchSize: 32 },
    ...{ learningRate: 5e-3, weightDecay: 0.01, noise: 0 },
  },
  // only with a bias can the output at 00 be above 0
  gate: {
    ...{ hidden: 4, bias: true, epochs: 300, batchSize: 4 },
    ...{ learningRate: 0.05, weightDecay: 0, noise: 0 },
  },
  "modular addition": {
    ...{ hidden: 64, bias: false, epochs: 1000, batchSize: 128 },
    ...{ learningRate: 5e-3, weightDecay: 1, noise: 0 },
  },
};

/** Words that `--task` and `--data` complete, beside gates by other names and tables. */
export const taskNames: readonly string[] = [
  ...["mnist", "fashion", "modular-addition"],
  ...["and", "or", "xor", "nand", "nor", "xnor", "0110"],
];

/** Modulus of `modular-addition`, unless it is named as in `modular-addition:59`. */
const MODULUS = 23;

/** Data that are made, not brought: training and test data, the same for a gate. */
export interface Task {
  readonly kind: Kind;
  readonly training: Dataset;
  readonly test: Dataset;
}

/**
 * The generated task of a name; undefined where there is none.
 *
 * @throws {UsageError} for a modulus that is none.
 */
export function taskNamed(name: string): Task | undefined {
  const modular = /^modular-addition(?::(.*))?$/.exec(name);
  if (modular) {
    const modulus = Number(modular[1] ?? MODULUS);
    if (!Number.isInteger(modulus) || modulus < 2 || modulus > 512) {
      throw new UsageError(`"${name}": the modulus must be a whole number from 2 to 512`);
    }
    const { training, test } = modularAddition(modulus, { trainShare: 0.7 });
    return { kind: "modular addition", training, test };
  }
  const kind = name.replaceAll("-", " ") as GateLike;
  try {
    truthTable(kind);
  } catch {
    return undefined;
  }
  const rows = gate(kind);
  return { kind: "gate", training: rows, test: rows };
}
