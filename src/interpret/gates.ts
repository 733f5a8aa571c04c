import { type Interactions, interactions, type QuadraticForm } from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";

/** Names of the sixteen gates of two bits by their outputs at 00, 01, 10, 11. */
const NAMES: Readonly<Record<string, string>> = {
  "0000": "FALSE",
  "0001": "AND",
  "0010": "x AND NOT y",
  "0011": "x",
  "0100": "y AND NOT x",
  "0101": "y",
  "0110": "XOR",
  "0111": "OR",
  "1000": "NOR",
  "1001": "XNOR",
  "1010": "NOT y",
  "1011": "x OR NOT y",
  "1100": "NOT x",
  "1101": "y OR NOT x",
  "1110": "NAND",
  "1111": "TRUE",
};

/** What a network computes of two bits, read from its weights. */
export interface Gate {
  /** Name of the truth table: XOR, AND, … */
  readonly name: string;
  /** Outputs above the threshold at 00, 01, 10, 11, such as "0110". */
  readonly table: string;
  /** Exact values at 00, 01, 10, 11. */
  readonly values: readonly [number, number, number, number];
  /** Smallest distance of a value from the threshold: how far the gate is from another one. */
  readonly margin: number;
  /** Value at 00: γ. */
  readonly constant: number;
  /** What the first bit adds alone: f₀₀ + b₀. On bits x² = x, so only this sum can be known. */
  readonly first: number;
  /** What the second bit adds alone: f₁₁ + b₁. */
  readonly second: number;
  /** What both add together beyond that: f₀₁ + f₁₀. */
  readonly interaction: number;
}

/** Options of {@linkcode gate}. */
export interface GateOptions {
  /** Output to read; with two outputs their difference, 1 minus 0, unless said; else output 0. */
  readonly output?: number;
  /** Two inputs that carry the bits; [0, 1] unless said. */
  readonly inputs?: readonly [number, number];
  /** Values of all inputs [inputs], those of the two bits not looked at; 0 unless said. */
  readonly others?: ArrayLike<number>;
  /** What counts as 1: a value above it. 0 for the difference of two outputs, ½ for one, unless said. */
  readonly threshold?: number;
}

/**
 * The gate that a network with one bilinear layer computes of two bits, from its weights alone: its
 * polynomial on bits is constant + first·x + second·y + interaction·x·y, so four numbers are the truth
 * table, exactly. (For XNOR the interaction is 2, not 1 as one write-up prints.)
 *
 * @throws {RangeError} when an input or output does not exist, both bits are the same input, or a number
 * is not finite; {TypeError} when the layers are not those of an ungated bilinear network.
 * @example
 * ```ts
 * import { interpret, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, -1, 1, -1] }); // (x − y)²
 * console.log(interpret.gate(model).name); // XOR
 * ```
 */
export function gate(source: Model | Interactions, options: GateOptions = {}): Gate {
  const whole = "neurons" in source ? source : interactions(source);
  const { inputs: [i, j] = [0, 1] } = options;
  for (const index of [i, j]) {
    if (!Number.isInteger(index) || index < 0 || index >= whole.inputs) {
      throw new RangeError(
        `Cannot read a gate of inputs ${i} and ${j}: the inputs are 0 to ${whole.inputs - 1}`,
      );
    }
  }
  if (i === j) {
    throw new RangeError(`Cannot read a gate of input ${i} with itself: give two inputs`);
  }
  const paired = options.output === undefined && whole.outputs === 2;
  const form: QuadraticForm = paired ? whole.difference(1, 0) : whole.output(options.output ?? 0);
  const threshold = options.threshold ?? (paired ? 0 : 0.5);
  if (!Number.isFinite(threshold)) {
    throw new RangeError(`Cannot read a gate by the threshold ${threshold}: it must be finite`);
  }
  const { others = new Float64Array(whole.inputs) } = options;
  if (others.length !== whole.inputs) {
    throw new TypeError(
      `Cannot read a gate with ${others.length} values of inputs: the model takes ${whole.inputs}`,
    );
  }
  const at = (x: number, y: number): number => {
    const point = Float64Array.from(others);
    point[i] = x;
    point[j] = y;
    return form.evaluate(point);
  };
  const values = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)] as const;
  const [t00, t01, t10, t11] = values;
  if (!values.every(Number.isFinite)) {
    throw new RangeError(
      `Cannot read a gate from the values ${values.join(", ")}: give finite inputs and weights`,
    );
  }
  const table = values.map((value) => value > threshold ? "1" : "0").join("");
  return {
    name: NAMES[table]!,
    table,
    values,
    margin: Math.min(...values.map((value) => Math.abs(value - threshold))),
    constant: t00,
    first: t10 - t00,
    second: t01 - t00,
    interaction: t11 - t10 - t01 + t00,
  };
}
