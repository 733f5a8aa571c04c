import { quote } from "../../formats/mod.ts";
import { type Dataset, dataset } from "../dataset.ts";
import { regression, type RegressionData } from "../regression.ts";

/** Name of a function of two bits x and y. */
export type GateName =
  | "false"
  | "and"
  | "x and not y"
  | "x"
  | "y and not x"
  | "y"
  | "xor"
  | "or"
  | "nor"
  | "xnor"
  | "not y"
  | "x or not y"
  | "not x"
  | "y or not x"
  | "nand"
  | "true";

/** The sixteen functions of two bits, by their truth table: outputs at 00, 01, 10, 11. */
const NAMES: Readonly<Record<GateName, string>> = {
  "false": "0000",
  "and": "0001",
  "x and not y": "0010",
  "x": "0011",
  "y and not x": "0100",
  "y": "0101",
  "xor": "0110",
  "or": "0111",
  "nor": "1000",
  "xnor": "1001",
  "not y": "1010",
  "x or not y": "1011",
  "not x": "1100",
  "y or not x": "1101",
  "nand": "1110",
  "true": "1111",
};

/**
 * A function of two bits: its name (in capitals or not), or its outputs at 00, 01, 10, 11 as four digits
 * ("0110") or four numbers.
 */
export type GateLike = GateName | Uppercase<GateName> | `${Bit}${Bit}${Bit}${Bit}` | readonly Bit[];

/** 0 or 1. */
export type Bit = 0 | 1;

/**
 * Outputs of a gate at 00, 01, 10, 11.
 *
 * @throws {RangeError} when it is no gate.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * console.log(data.truthTable("xor")); // [0, 1, 1, 0]
 * ```
 */
export function truthTable(gate: GateLike): [Bit, Bit, Bit, Bit] {
  const text = typeof gate === "string" ? gate : gate.join("");
  const name = text.toLowerCase();
  const table = Object.hasOwn(NAMES, name) ? NAMES[name as GateName] : text;
  const count = typeof gate === "string" ? 4 : gate.length;
  if (!/^[01]{4}$/.test(table) || count !== 4) {
    throw new RangeError(
      `Cannot make the gate ${
        quote(text)
      }: give four bits, the outputs at 00, 01, 10 and 11, or one ` +
        `of ${Object.keys(NAMES).join(", ")}`,
    );
  }
  return Array.from(table, Number) as [Bit, Bit, Bit, Bit];
}

/** Options of {@linkcode gate}. */
export interface GateOptions {
  /** How often the four rows are there, one after another; 1 unless said. */
  readonly repeat?: number;
}

/**
 * The four rows 00, 01, 10, 11 of a gate, labelled with its output: two features, two classes.
 *
 * @throws {RangeError} when it is no gate, or the repetitions are no whole number ≥ 1.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const xor = data.gate("xor");
 * console.log(xor.inputs, xor.labels); // [0, 0, 0, 1, 1, 0, 1, 1] [0, 1, 1, 0]
 * ```
 */
export function gate(kind: GateLike, { repeat = 1 }: GateOptions = {}): Dataset {
  const table = truthTable(kind);
  if (!Number.isSafeInteger(repeat) || repeat < 1) {
    throw new RangeError(`Cannot repeat a gate ${repeat} times: give a whole number ≥ 1`);
  }
  const bits = [0, 0, 0, 1, 1, 0, 1, 1];
  return dataset({
    name: nameOf(table),
    inputs: Float32Array.from({ length: 8 * repeat }, (_, i) => bits[i % 8]!),
    labels: Uint8Array.from({ length: 4 * repeat }, (_, i) => table[i % 4]!),
    classes: 2,
  });
}

function nameOf(table: readonly Bit[]): string {
  const digits = table.join("");
  return Object.entries(NAMES).find(([, other]) => other === digits)![0];
}

/** What {@linkcode gates} gives. */
export interface Gates extends RegressionData {
  /** The two inputs of every output: 01, 02, …, 12, … */
  readonly pairs: readonly (readonly [number, number])[];
}

/** Options of {@linkcode gates}. */
export interface GatesOptions {
  /** The gate of every pair; "xor" unless said. */
  readonly gate?: GateLike;
}

/**
 * All 2ⁿ rows of n bits, and as targets one gate of every pair of them: n(n − 1)/2 outputs.
 *
 * A bilinear layer without bias that is exact needs at least as many neurons as outputs, since their
 * forms are independent: for four inputs six, so that 4 → 8 → 6 works and 4 → 4 → 6 cannot.
 *
 * @throws {RangeError} when inputs are no whole number from 2 to 16, or it is no gate.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const pairs = data.gates(4, { gate: "and" });
 * console.log(pairs.count, pairs.features, pairs.outputs, pairs.pairs[5]); // 16 4 6 [2, 3]
 * ```
 */
export function gates(inputs: number, { gate: kind = "xor" }: GatesOptions = {}): Gates {
  if (!Number.isSafeInteger(inputs) || inputs < 2 || inputs > 16) {
    throw new RangeError(`Cannot make gates of ${inputs} inputs: give a whole number from 2 to 16`);
  }
  const table = truthTable(kind);
  const pairs: [number, number][] = [];
  for (let i = 0; i < inputs; i++) for (let j = i + 1; j < inputs; j++) pairs.push([i, j]);
  const count = 2 ** inputs;
  const bit = (row: number, i: number): number => row >> (inputs - 1 - i) & 1;
  return {
    ...regression({
      name: `${nameOf(table)} of all pairs of ${inputs}`,
      count,
      inputs: Float32Array.from(
        { length: count * inputs },
        (_, k) => bit(Math.floor(k / inputs), k % inputs),
      ),
      targets: Float32Array.from({ length: count * pairs.length }, (_, k) => {
        const row = Math.floor(k / pairs.length), [i, j] = pairs[k % pairs.length]!;
        return table[2 * bit(row, i) + bit(row, j)]!;
      }),
    }),
    pairs,
  };
}
