import { type Interactions, interactions } from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";
import { joinSigned, multiplication, subscript, type Writing } from "./notation.ts";

/** One term: coefficient · x_first · x_second, fewer variables for the linear and constant ones. */
export interface Term {
  /** Indices of the variables, ascending: two, one or none. */
  readonly variables: readonly number[];
  /** Factor of the product of the variables. */
  readonly coefficient: number;
}

/** A formula in two writings. */
export interface Formula {
  /** Plain text with Unicode signs. */
  readonly text: string;
  /** The same in LaTeX. */
  readonly latex: string;
}

/** One output as an exact polynomial of the inputs. */
export interface Polynomial {
  /** Every product of weights written out, neuron by neuron, as letters: x²·W₀₀V₀₀ + xy·W₀₀V₀₁ + … */
  readonly symbolic: Formula;
  /** The same expansion with the numbers put in: one bracket a neuron. */
  readonly expanded: Formula;
  /** Like terms collected. */
  readonly collected: Formula;
  /** The collected terms, squares and products first, in the order of the variables. */
  readonly terms: readonly Term[];
  /** Value of the collected polynomial at one input [inputs]. @throws {TypeError} for another length. */
  evaluate(input: ArrayLike<number>): number;
}

/** Options of {@linkcode polynomial}. */
export interface PolynomialOptions {
  /** Which output; 0 unless said. */
  readonly output?: number;
  /** Names of the inputs; x, y, z for up to three inputs, else x₀, x₁, … */
  readonly variables?: readonly string[];
  /** Significant digits of the printed numbers; 4 unless said. The terms keep them all. */
  readonly digits?: number;
}

/** Most products that are written out. */
const LIMIT = 20_000;

/**
 * The exact polynomial that a network with one bilinear layer computes at one output, as text and as
 * LaTeX: expanded neuron by neuron and with like terms collected. W₀₁ is the weight of neuron 0 for
 * input 1, rows first, as in the layer's weight.
 *
 * @throws {RangeError} for an output that does not exist, digits outside 1 to 100, or more than 20,000
 * products to write out; {TypeError} when the inputs do not have a name each, and one of their own.
 * @example
 * ```ts
 * import { interpret, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false })]);
 * model.assign({ "0.weight": [1, 2, 3, -1] }); // (x + 2y)(3x − y)
 * const { symbolic, collected } = interpret.polynomial(model);
 * console.log(symbolic.text); // x²·W₀₀V₀₀ + xy·W₀₀V₀₁ + xy·W₀₁V₀₀ + y²·W₀₁V₀₁
 * console.log(collected.text); // 3x² + 5xy − 2y²
 * ```
 */
export function polynomial(
  source: Model | Interactions,
  options: PolynomialOptions = {},
): Polynomial {
  const whole = "neurons" in source ? source : interactions(source);
  const { inputs, neurons } = whole;
  const { output = 0, digits = 4 } = options;
  if (neurons * (inputs + 1) ** 2 > LIMIT) {
    throw new RangeError(
      `Cannot write out ${neurons} neurons of ${inputs} inputs: ${
        neurons * (inputs + 1) ** 2
      } products, and the limit is ${LIMIT}; use decompose.eigen() for layers of this size`,
    );
  }
  if (!Number.isInteger(digits) || digits < 1 || digits > 100) {
    throw new RangeError(
      `Cannot print ${digits} significant digits: give a whole number of 1 to 100`,
    );
  }
  if (options.variables) checkNames(options.variables, inputs);
  const form = whole.output(output);
  const terms = collect(whole, form.neuronWeights, form.constant, form.linear);
  const write = (kind: Writing): Record<"symbolic" | "expanded" | "collected", string> => {
    const names = options.variables ?? usualNames(inputs, kind);
    const times = multiplication(names, kind);
    return {
      symbolic: symbolicText(whole, form.neuronWeights, names, kind, output),
      expanded: expandedText(whole, form.neuronWeights, names, kind, digits, output),
      collected: joinSigned(
        terms.map(({ coefficient, variables }) => ({
          coefficient,
          body: variables.length ? monomial(variables.map((i) => names[i]!), kind, times) : "",
        })),
        { kind, digits, times },
      ),
    };
  };
  const [text, latex] = [write("text"), write("latex")];
  const both = (key: keyof typeof text): Formula => ({ text: text[key], latex: latex[key] });
  return {
    symbolic: both("symbolic"),
    expanded: both("expanded"),
    collected: both("collected"),
    terms,
    evaluate: (input) => {
      if (input.length !== inputs) {
        throw new TypeError(`Cannot evaluate at ${input.length} numbers: an input has ${inputs}`);
      }
      return terms.reduce(
        (total, { coefficient, variables }) =>
          total + variables.reduce((product, i) => product * input[i]!, coefficient),
        0,
      );
    },
  };
}

function checkNames(names: readonly string[], inputs: number): void {
  const said = `Cannot name ${inputs} inputs ${names.join(", ")}`;
  if (names.length !== inputs) throw new TypeError(`${said}: give ${inputs} names`);
  const bad = names.findIndex((name, i) => name.trim() === "" || names.indexOf(name) !== i);
  if (bad >= 0) {
    throw new TypeError(
      `${said}: the name of input ${bad}, "${names[bad]}", is empty or that of another`,
    );
  }
}

function usualNames(inputs: number, kind: Writing): string[] {
  if (inputs <= 3) return ["x", "y", "z"].slice(0, inputs);
  return Array.from({ length: inputs }, (_, i) => `x${subscript([i], kind)}`);
}

/** x², xy, x₀x₁: the product of one or two names. */
function monomial(names: readonly string[], kind: Writing, times: string): string {
  const [first, second] = names;
  if (second === undefined) return first!;
  if (first === second) return kind === "text" ? `${first}²` : `${first}^2`;
  return `${first}${times}${second}`;
}

function collect(
  { inputs, neurons, left, right }: Interactions,
  weights: Float64Array,
  constant: number,
  linear: Float64Array,
): Term[] {
  const terms: Term[] = [];
  for (let i = 0; i < inputs; i++) {
    for (let j = i; j < inputs; j++) {
      let coefficient = 0;
      for (let k = 0; k < neurons; k++) {
        const at = k * inputs;
        coefficient += weights[k]! * left.data[at + i]! * right.data[at + j]!;
        if (i !== j) coefficient += weights[k]! * left.data[at + j]! * right.data[at + i]!;
      }
      terms.push({ variables: [i, j], coefficient });
    }
  }
  linear.forEach((coefficient, i) => terms.push({ variables: [i], coefficient }));
  terms.push({ variables: [], coefficient: constant });
  return terms.filter(({ coefficient }) => coefficient !== 0);
}

/** Whether the network adds anything to its products. */
function biased({ leftBias, rightBias }: Interactions): boolean {
  return leftBias.some((b) => b !== 0) || rightBias.some((b) => b !== 0);
}

/** Whether the output is one neuron, unweighted. */
function plainReadout(weights: Float64Array): number | undefined {
  const used = [...weights.keys()].filter((k) => weights[k] !== 0);
  return used.length === 1 && weights[used[0]!] === 1 ? used[0] : undefined;
}

function symbolicText(
  whole: Interactions,
  weights: Float64Array,
  names: readonly string[],
  kind: Writing,
  output: number,
): string {
  const only = plainReadout(weights), hasBias = biased(whole), dot = kind === "text" ? "·" : "\\,";
  const products: string[] = [], times = multiplication(names, kind);
  for (let k = 0; k < whole.neurons; k++) {
    if (weights[k] === 0) continue;
    const readout = only === undefined ? `U${subscript([output, k], kind)}` : "";
    const factors = (letter: string, bias: string): { input?: number; weight: string }[] => [
      ...names.map((_, input) => ({ input, weight: `${letter}${subscript([k, input], kind)}` })),
      ...(hasBias ? [{ weight: `${bias}${subscript([k], kind)}` }] : []),
    ];
    for (const l of factors("W", "b")) {
      for (const r of factors("V", "c")) {
        const present = [l.input, r.input].filter((input) => input !== undefined)
          .sort((a, b) => a - b).map((input) => names[input]!);
        const weight = `${readout}${l.weight}${r.weight}`;
        products.push(
          present.length ? `${monomial(present, kind, times)}${dot}${weight}` : weight,
        );
      }
    }
  }
  if (whole.outputBias[output] !== 0) products.push(`k${subscript([output], kind)}`);
  return products.join(" + ") || "0";
}

function expandedText(
  whole: Interactions,
  weights: Float64Array,
  names: readonly string[],
  kind: Writing,
  digits: number,
  output: number,
): string {
  const { inputs, neurons, left, right, leftBias, rightBias } = whole;
  const factor = (data: Float64Array, k: number, bias: number): string =>
    `(${
      joinSigned(
        [
          ...names.map((body, i) => ({ coefficient: data[k * inputs + i]!, body })),
          { coefficient: bias, body: "" },
        ],
        { kind, digits, times: multiplication(names, kind) },
      )
    })`;
  const parts = [];
  for (let k = 0; k < neurons; k++) {
    parts.push({
      coefficient: weights[k]!,
      body: factor(left.data, k, leftBias[k]!) + factor(right.data, k, rightBias[k]!),
    });
  }
  parts.push({ coefficient: whole.outputBias[output]!, body: "" });
  return joinSigned(parts, { kind, digits, times: kind === "latex" ? " " : "" });
}
