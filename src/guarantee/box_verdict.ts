import type { QuadraticForm } from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type Box, boxAround } from "./box.ts";
import { type BoxSolver, boxSolver } from "./box_minimum.ts";
import { type BoxDual, boxDual, boxFile } from "./box_file.ts";
import { type BoxMethod, type BoxOptions, DENSE } from "./box_options.ts";
import type { BoxCertificate } from "./certificate.ts";
import { requireChoice } from "./choice.ts";
import { checkLabel, type ClassPairs, classPairs, inputRows } from "./class_pairs.ts";
import { l1Solver } from "./l1.ts";
import { argmax } from "./radius.ts";
import { normAbove } from "./rounding.ts";
import { type Answer, unknown } from "./verdict.ts";

/** What {@linkcode certifyBox} needs of a model, prepared once; the work of a pair is done when it is first met. */
export interface BoxPairs {
  /** The pairs of classes. */
  readonly pairs: ClassPairs;
  /** The solver of the margin of one class over another, over boxes. */
  solver(label: number, rival: number): BoxSolver;
  /** The dual of that margin over boxes, for certificates. */
  dual(label: number, rival: number): (box: Box, start: Float64Array) => BoxDual;
  /** The same over L1 balls. */
  l1(label: number, rival: number): ReturnType<typeof l1Solver>;
}

/** Settings of {@linkcode certifyBox}. */
export interface CertifyBoxOptions {
  /** How far the input may move, in its unit. */
  readonly radius: number;
  /** `linf`: every entry by that much; `l1`: all entries together. `linf` unless said. */
  readonly norm?: "linf" | "l1";
  /** What entries may be, [0, 1] for pixels; anything unless said. */
  readonly domain?: readonly [low: number, high: number];
  /** The class to be kept; what the model predicts unless said. */
  readonly label?: number;
  /** Time for branch and bound on a rival that nothing else decided, in seconds; none unless said. */
  readonly seconds?: number;
  /** Whether to make a certificate for a file, which takes longer than the answer; it is made unless said. */
  readonly file?: boolean;
  /** Seed of the search for counterexamples; 0 unless said. */
  readonly seed?: number;
}

/** The least margin over one rival, from both sides. */
export interface RivalBound {
  /** The other class. */
  readonly rival: number;
  /** Proven: the margin over it is nowhere smaller. */
  readonly lower: number;
  /** The smallest margin that was found. */
  readonly upper: number;
  /** How the lower bound was proven. */
  readonly method: BoxMethod | "vertices" | "ball";
}

/** How a box or an L1 ball was proven. */
export interface BoxProof {
  /** The class that is kept. */
  readonly label: number;
  /** How far the input may move. */
  readonly radius: number;
  /** In which norm. */
  readonly norm: "linf" | "l1";
  /** Least margin over all rivals, the rounding of the model in f32 taken off; above 0. */
  readonly margin: number;
  /** Every rival, and how it was proven. */
  readonly rivals: readonly RivalBound[];
  /**
   * The proof as plain data for JSON; its independent checker has accepted it. Undefined where there is
   * none to give: for L1 balls, for what takes branch and bound and no single dual proves, and where none
   * was asked for.
   */
  readonly file: BoxCertificate | undefined;
}

/**
 * Prepares a model for many questions to {@linkcode certifyBox}. It holds for the weights as they are now.
 *
 * @throws {TypeError} when the model has no exact form, or a single output.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 3), nn.linear(3, 2)], { seed: 1 });
 * const prepared = guarantee.boxPairs(model);
 * for (const row of [[1, 0], [0, 1]]) {
 *   console.log(guarantee.certifyBox(prepared, row, { radius: 0.01 }).verdict);
 * }
 * ```
 */
export function boxPairs(given: Model | ClassPairs): BoxPairs {
  const pairs = "forms" in given ? given : classPairs(given);
  const once = <T>(make: (form: QuadraticForm) => T): (label: number, rival: number) => T => {
    const made = new Map<number, T>();
    return (label, rival) => {
      const key = label * pairs.classes + rival;
      const solver = made.get(key) ?? make(pairs.interactions.difference(label, rival));
      made.set(key, solver);
      return solver;
    };
  };
  return { pairs, solver: once(boxSolver), dual: once(boxDual), l1: once(l1Solver) };
}

/**
 * Whether a model in f32 gives an input its class however every entry moves by up to the radius (L∞), or
 * all of them together (L1). `certified`: proven for all rivals, rounding of the f32 network included.
 * `refuted`: with an input in the box that the model itself classifies otherwise. Else `unknown`, with the
 * least margin from both sides. A certified box comes with a certificate, `file`, that its independent
 * checker has accepted, unless it took branch and bound. Bounds are tried from the cheapest to the dearest until one decides.
 *
 * @throws {TypeError} when the model has no exact form, or the input another length; {RangeError} when the
 * radius is negative or not finite, an entry is not finite or outside the domain, there is no such label,
 * or norm or seconds are none.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(2, 1, { bias: false }), nn.linear(1, 2)]);
 * model.assign({ "0.weight": [1, 0, 0, 1], "1.weight": [1, 0], "1.bias": [0, 0.5] }); // x·y against ½
 * const answer = guarantee.certifyBox(model, [1, 1], { radius: 0.29, domain: [0, 1] });
 * console.log(answer.verdict); // certified: 0.71² > ½
 * ```
 */
export function certifyBox(
  given: Model | ClassPairs | BoxPairs,
  input: ArrayLike<number>,
  options: CertifyBoxOptions,
): Answer<BoxProof> {
  const prepared = "pairs" in given ? given : boxPairs(given), { pairs } = prepared;
  const { radius, norm = "linf", domain, seconds = 0, seed = 0, file = true } = options;
  const action = "Cannot certify a box";
  requireChoice(action, "norm", norm, ["linf", "l1"]);
  if (!(seconds >= 0)) throw new RangeError(`${action} in ${seconds} seconds: give a number ≥ 0`);
  const row = inputRows(action, pairs.interactions, input);
  if (row.rows !== 1) {
    throw new TypeError(`${action} about ${row.rows} inputs: give one`);
  }
  const box = boxAround(row.data, radius, domain),
    predicted = argmax(pairs.model.predict(row.data));
  const label = options.label ?? predicted;
  checkLabel(action, label, pairs.classes);
  const point = Float32Array.from(row.data);
  if (predicted !== label) return { verdict: "refuted", point, distance: 0 };
  const reach = norm === "l1"
    ? radius
    : normAbove(row.data.map((x, i) => Math.max(box.upper[i]! - x, x - box.lower[i]!)));
  const errors = pairs.errors.of(row), rivals: RivalBound[] = [];
  const starts: { rival: number; point: Float64Array }[] = [];
  let least = Infinity, most = Infinity;
  for (let rival = 0; rival < pairs.classes; rival++) {
    if (rival === label) continue;
    const off = errors.at(0, label, reach) + errors.at(0, rival, reach);
    const common: BoxOptions = { goal: off, restarts: 2, seed };
    let found = norm === "l1"
      ? prepared.l1(label, rival)(row.data, radius, { ...(domain && { domain }) })
      : prepared.solver(label, rival).minimum(box, common);
    // a method that branches starts from what is known, so it is only asked where nothing decided
    if (norm === "linf" && seconds > 0 && found.lower <= off && found.upper > -off) {
      const further = prepared.solver(label, rival).minimum(box, {
        ...common,
        methods: ["branch"],
        seconds,
      });
      if (further.lower > found.lower) found = further;
    }
    const wrong = flipped(pairs.model, label, row.data, found.point, options);
    if (wrong) return wrong;
    starts.push({ rival, point: found.point });
    rivals.push({ rival, lower: found.lower, upper: found.upper, method: found.method });
    // NaN stays NaN, and so ends in unknown
    least = Math.min(least, found.lower - off);
    most = Math.min(most, found.upper + off);
  }
  if (least > 0) {
    const proof = file && norm === "linf"
      ? filed(prepared, row.data, label, starts, options)
      : undefined;
    const certificate = { label, radius, norm, margin: least, rivals, file: proof };
    return { verdict: "certified", certificate };
  }
  return unknown(
    `the least margin of class ${label} lies between ${least} and ${most}; give more seconds, or a smaller radius`,
    least,
    most,
  );
}

/** The certificate for a file, or undefined where no single dual proves it. */
function filed(
  { pairs, dual }: BoxPairs,
  center: Float64Array,
  label: number,
  starts: readonly { readonly rival: number; readonly point: Float64Array }[],
  { radius, domain }: CertifyBoxOptions,
): BoxCertificate | undefined {
  // D of more inputs than this is not looked for either
  if (center.length > DENSE) return undefined;
  const box = boxAround(center, radius, domain), duals: (BoxDual & { rival: number })[] = [];
  for (const { rival, point } of starts) {
    const found = dual(label, rival)(box, point);
    duals.push({ rival, ...found });
  }
  const end = (value = Infinity): number | null => Number.isFinite(value) ? value : null;
  const claim = { label, radius, domain: [end(domain?.[0]), end(domain?.[1])] as const };
  return boxFile(pairs.model, Float32Array.from(center), claim, duals);
}

/** The answer when an f32 input close to a point, and inside, is classified otherwise. */
function flipped(
  model: Model,
  label: number,
  center: Float64Array,
  point: Float64Array,
  { radius, norm = "linf", domain }: CertifyBoxOptions,
): Answer<never> | undefined {
  const [low, high] = domain ?? [-Infinity, Infinity];
  const near = Float32Array.from(point, (x, i) => {
    const rounded = Math.fround(center[i]! + (x - center[i]!) * (1 - 2 ** -20));
    const inside = Math.abs(rounded - center[i]!) <= radius && rounded >= low && rounded <= high;
    return inside ? rounded : center[i]!;
  });
  const change = Float64Array.from(near, (x, i) => x - center[i]!);
  const size = change.reduce(
    (total, x) => norm === "l1" ? total + Math.abs(x) : Math.max(total, Math.abs(x)),
    0,
  );
  if (!(size <= radius) || argmax(model.predict(near)) === label) return undefined;
  return { verdict: "refuted", point: near, distance: size };
}
