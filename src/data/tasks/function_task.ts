import { cosPi } from "../../kernels/mod.ts";
import { type RandomState, tensor } from "../../tensor/mod.ts";
import { checkFeatures, type Sampler, sampler, unit } from "../regression.ts";

/** Functions with names; the best polynomial of any degree for each of them is known in closed form. */
const FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  "x³": (x) => x * x * x,
  "|x|": Math.abs,
  "relu": (x) => Math.max(0, x),
  "sin πx": (x) => cosPi(x - 0.5),
  "cos πx": cosPi,
};

/** A function with a name. */
export type FunctionName = "x³" | "|x|" | "relu" | "sin πx" | "cos πx";

/** Options of {@linkcode functionTask}. */
export interface FunctionTaskOptions {
  /** Inputs a row; 1 unless said, and always where the function has a name. */
  readonly features?: number;
  /** Targets a row of a function of your own; 1 unless said. */
  readonly outputs?: number;
  /** Where inputs begin; −1 unless said. */
  readonly low?: number;
  /** Where inputs end; 1 unless said. */
  readonly high?: number;
  /** Seed, or the state of a sampler to go on from; 0 unless said. */
  readonly seed?: number | RandomState;
}

/**
 * Inputs uniform in (−1, 1) and a function of them as target. A bilinear network of one layer is a
 * polynomial of degree 2 at any width, so its mean squared error stops at 4/175 for x³, 1/192 for |x| and
 * 1/768 for relu; depth, not width, gets below.
 *
 * For rows that are the same everywhere give a function that is: of +, −, ·, / and Math.sqrt, say, while
 * Math.sin differs between engines. The named ones are.
 *
 * Source: M. Leshno and others, "Multilayer feedforward networks with a nonpolynomial activation function
 * can approximate any function", 1993.
 *
 * @throws {RangeError} when there is no function of that name, a size is no whole number ≥ 1, or low is not
 * below high; and from batch(), when the function gives a number that is not finite. {TypeError} from
 * batch(), when it gives more or fewer numbers than outputs.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * import { scope } from "@odot/odot";
 * const cube = data.functionTask("x³", { seed: 1 });
 * const product = data.functionTask(([x, y]) => x! * y!, { features: 2 });
 * scope(() => console.log(cube.batch(8).inputs.shape, product.batch(8).inputs.shape)); // [8, 1] [8, 2]
 * ```
 */
export function functionTask(
  target: FunctionName | ((x: Float32Array) => number | ArrayLike<number>),
  options: FunctionTaskOptions = {},
): Sampler {
  const { features = 1, outputs = 1, low = -1, high = 1, seed = 0 } = options;
  const name = typeof target === "string" ? target : target.name || "function";
  checkFeatures(name, features);
  if (!Number.isSafeInteger(outputs) || outputs < 1) {
    throw new RangeError(`Cannot make ${name} of ${outputs} outputs: give a whole number ≥ 1`);
  }
  if (!(low < high && Number.isFinite(high - low))) {
    throw new RangeError(
      `Cannot draw inputs of ${name} between ${low} and ${high}: low must be below high, both finite`,
    );
  }
  if (typeof target === "string" && !Object.hasOwn(FUNCTIONS, target)) {
    throw new RangeError(
      `Cannot find the function ${name}: it is one of ${
        Object.keys(FUNCTIONS).join(", ")
      }, or a function of your own`,
    );
  }
  if (typeof target === "string" && (features !== 1 || outputs !== 1)) {
    throw new RangeError(
      `Cannot make ${name} of ${features} inputs and ${outputs} outputs: it has one of each; give a ` +
        "function of your own",
    );
  }
  const one = typeof target === "string" ? FUNCTIONS[target]! : undefined;
  const compute = one ? (x: Float32Array) => one(x[0]!) : target as Exclude<typeof target, string>;
  return sampler({ name, features, outputs }, seed, (count, from) => {
    const inputs = Float32Array.from(
      from.words(count * features),
      (word) => low + (high - low) * unit(word),
    );
    const targets = new Float32Array(count * outputs);
    for (let row = 0; row < count; row++) {
      const x = inputs.slice(row * features, (row + 1) * features);
      const given = compute(x), values = typeof given === "number" ? [given] : given;
      if (values.length !== outputs) {
        throw new TypeError(
          `Cannot use ${values.length} values of ${name}: it has ${outputs} outputs; say how many in ` +
            "the option outputs",
        );
      }
      for (let o = 0; o < outputs; o++) {
        const value = Math.fround(values[o]!);
        if (!Number.isFinite(value)) {
          throw new RangeError(`Cannot use ${values[o]} as value of ${name} at ${x}`);
        }
        targets[row * outputs + o] = value;
      }
    }
    return {
      inputs: tensor(inputs, [count, features]),
      targets: tensor(targets, [count, outputs]),
    };
  });
}
