/**
 * Checks certificates from the weights alone. Shares no solver with what makes them, needs no
 * WebAssembly and no host: it runs at the edge and in a browser.
 *
 * What it proves, for every rival and every ‖δ‖ ≤ R: margin(x + δ) > f32 errors of both outputs. With
 * C = [W; V], t = Cδ and q = (α⊙b, α⊙a) the margin is m₀ + q·t + Σ αₖtₖtₕ₊ₖ. Where a factor B has
 * BBᵀ ≽ CCᵀ, t = Bs with ‖s‖ ≤ ‖δ‖, so that margin ≥ m₀ + p·s + sᵀNs − νR² with p = Bᵀq and
 * N = BᵀSB + νI. Cholesky proves N ≽ θI, and then a minimiser s* with residual ρ = Ns* + p/2 gives
 * p·s + sᵀNs ≥ p·s* + s*ᵀNs* − ‖ρ‖²/θ. Every rounding error is bounded (Higham 2002, chapters 3 and
 * 10; Rump 2006 for the proof by Cholesky) and counted against the claim.
 *
 * @example
 * ```ts
 * import { guarantee, io, nn } from "@odot/odot";
 * import { check } from "@odot/odot/guarantee/checker";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 2 });
 * const input = [1, 0, 0, 1];
 * const radius = guarantee.radius(model, input).lower / 2;
 * const answer = guarantee.certify(model, input, { radius });
 * if (answer.verdict !== "certified") throw new Error("unexpected");
 * const text = JSON.stringify(answer.certificate);
 * console.log(check(JSON.parse(text), io.save(model), input).verdict); // "certified"
 * ```
 *
 * @module
 */
import {
  type Certificate,
  digestOf,
  fingerprint,
  hashOfInput,
  misfit,
  type PlainLayer,
  readLayers,
  type RivalProof,
} from "./certificate.ts";

export type { Certificate, PlainLayer, RivalProof };

/** What became of a certificate. */
export type Checked =
  | {
    /** The claim is proven. */
    readonly verdict: "certified";
    /** What is left of the tightest margin when every error is counted, in the unit of outputs; above 0. */
    readonly slack: number;
  }
  | {
    /** It is not: the certificate proves nothing. */
    readonly verdict: "unknown";
    /** Why, as a sentence. */
    readonly reason: string;
  };

/**
 * Checks a certificate against the bytes of a model, as `io.save` writes them, and an input.
 *
 * @throws {FormatError} when the bytes are no model of linear and bilinear layers.
 */
export function check(certificate: unknown, model: Uint8Array, input: ArrayLike<number>): Checked {
  return checkLayers(certificate, readLayers(model), input);
}

/** Checks a certificate against weights in plain arrays. */
export function checkLayers(
  certificate: unknown,
  layers: readonly PlainLayer[],
  input: ArrayLike<number>,
): Checked {
  const reject = (reason: string): Checked => ({ verdict: "unknown", reason });
  if (!isCertificate(certificate)) return reject("it is no certificate of this format and version");
  const { label, radius, rivals, digest } = certificate;
  if (digestOf(certificate) !== digest) return reject("its digest does not fit its contents");
  const bilinear = layers.filter(({ type }) => type === "bilinear").length;
  if (bilinear !== 1) return reject(`the model has ${bilinear} bilinear layers, and not one`);
  const wrong = misfit(layers);
  if (wrong) return reject(`the layers do not make a network: ${wrong}`);
  if (fingerprint(layers) !== certificate.model) return reject("it is about another model");
  if (input.length !== layers[0]!.inputs) return reject("the input has another length");
  if (hashOfInput(input) !== certificate.input) return reject("it is about another input");
  const classes = layers.at(-1)!.rows / (layers.at(-1)!.type === "bilinear" ? 2 : 1);
  const named = new Set(rivals.map((rival) => rival.class));
  if (!(label >= 0 && label < classes)) return reject(`the model has no class ${label}`);
  for (let c = 0; c < classes; c++) {
    if (named.has(c) === (c === label)) return reject(`class ${c} is not treated as it must be`);
  }
  if (named.size !== rivals.length || rivals.length !== classes - 1) {
    return reject("a rival is named twice, or is no class");
  }
  const x = Float64Array.from(input, Math.fround), folded = fold(layers, x);
  const errors = forwardErrors(layers, x, radius), factor = factorOf(folded);
  let slack = Infinity;
  for (const rival of rivals) {
    const error = errors[label]! + errors[rival.class]!;
    const rest = leastMargin(folded, factor, { label, rival, radius }) - 1.01 * error;
    if (!(rest > 0)) return reject(`the margin over class ${rival.class} is not proven`);
    slack = Math.min(slack, rest);
  }
  return { verdict: "certified", slack };
}

const KEYS = "digest format input label model radius rivals version";

function isCertificate(given: unknown): given is Certificate {
  if (given === null || typeof given !== "object") return false;
  if (Object.keys(given).sort().join(" ") !== KEYS) return false;
  const { format, version, label, radius, rivals } = given as Record<string, unknown>;
  return format === "odot.certificate" && version === 1 && Number.isInteger(label) &&
    typeof radius === "number" && radius >= 0 && radius < Infinity && Array.isArray(rivals) &&
    rivals.every((rival) =>
      rival !== null && typeof rival === "object" &&
      Object.keys(rival).sort().join(" ") === "class multiplier" && Number.isInteger(rival.class) &&
      typeof rival.multiplier === "number" && rival.multiplier >= 0 && rival.multiplier < Infinity
    );
}

/** γ_n for f64, doubled: the rounding of computing a bound is paid with the bound. */
const rounding = (n: number): number => 2 * n * 2 ** -53 / (1 - n * 2 ** -53);
const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
const row = (a: Float64Array, width: number, r: number): Float64Array =>
  a.subarray(r * width, (r + 1) * width);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** A·B of A [m, k] and B [k, n]. */
function multiply(a: ArrayLike<number>, b: Float64Array, k: number, n: number): Float64Array {
  const m = a.length / k, result = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const x = a[i * k + l]!;
      for (let j = 0; j < n; j++) result[i * n + j]! += x * b[l * n + j]!;
    }
  }
  return result;
}

/** One bilinear layer with the linear ones folded in, in f64, and what it sees at the input. */
interface Folded {
  readonly inputs: number;
  readonly neurons: number;
  /** [W; V], [2·neurons, inputs]. */
  readonly weight: Float64Array;
  /** [W; V] of the bilinear layer alone, and the linear layers before it as one, where there are any. */
  readonly own: Float64Array;
  readonly before: Float64Array | undefined;
  /** W x + b and V x + c, [2·neurons]. */
  readonly sums: Float64Array;
  /** [outputs, neurons]. */
  readonly readout: Float64Array;
  readonly outputBias: Float64Array;
}

function fold(layers: readonly PlainLayer[], x: Float64Array): Folded {
  const inputs = layers[0]!.inputs, at = layers.findIndex(({ type }) => type === "bilinear");
  let weight: Float64Array = Float64Array.from(layers[0]!.weight), sums = x;
  let before: Float64Array | undefined;
  layers.slice(0, at + 1).forEach((layer, l) => {
    if (l > 0) [before, weight] = [weight, multiply(layer.weight, weight, layer.inputs, inputs)];
    sums = multiply(layer.weight, sums, layer.inputs, 1).map((s, i) => s + (layer.bias?.[i] ?? 0));
  });
  const neurons = sums.length / 2;
  let readout: Float64Array = Float64Array.from(
    { length: neurons * neurons },
    (_, i) => +(i % (neurons + 1) === 0),
  );
  let outputBias: Float64Array = new Float64Array(neurons);
  for (const layer of layers.slice(at + 1)) {
    readout = multiply(layer.weight, readout, layer.inputs, neurons);
    outputBias = multiply(layer.weight, outputBias, layer.inputs, 1)
      .map((s, i) => s + (layer.bias?.[i] ?? 0));
  }
  const own = Float64Array.from(layers[at]!.weight);
  return { inputs, neurons, weight, own, before, sums, readout, outputBias };
}

/** t = Bs up to `off`: the length of the error in every row, over that of s. */
interface Factor {
  readonly b: Float64Array;
  readonly width: number;
  readonly off: Float64Array;
}

/** The narrowest of C itself, the factor of CCᵀ, and [W; V] times the factor of what comes before. */
function factorOf({ inputs, neurons, weight, own, before }: Folded): Factor {
  const size = 2 * neurons, exact = new Float64Array(size), middle = own.length / size;
  if (before && middle < Math.min(inputs, size)) {
    const k = liftedFactor(before, inputs), most = rounding(middle + 2) * norm(k);
    const off = exact.map((_, i) => most * norm(row(own, middle, i)));
    return { b: multiply(own, k, middle, middle), width: middle, off };
  }
  if (inputs <= size) return { b: weight, width: inputs, off: exact };
  return { b: liftedFactor(weight, inputs), width: size, off: exact };
}

/** L with LLᵀ ≽ AAᵀ: the Cholesky factor of AAᵀ, lifted by more than the rounding of both. */
function liftedFactor(a: Float64Array, columns: number): Float64Array {
  const size = a.length / columns, gram = new Float64Array(size * size);
  let trace = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i * size + j] = gram[j * size + i] = dot(row(a, columns, i), row(a, columns, j));
    }
    trace += gram[i * size + i]!;
  }
  const lift = 2 * (rounding(columns + 2) + rounding(size + 2)) * trace + 2 ** -1000;
  for (let i = 0; i < size; i++) gram[i * size + i]! += lift;
  return cholesky(gram, size) ?? gram.fill(NaN);
}

/** L with A = LLᵀ, or undefined where A is not positive definite in floating point. */
function cholesky(a: Float64Array, n: number): Float64Array | undefined {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (i === j && !(sum > 0)) return undefined;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
  }
  return l;
}

/** What the exact margin over a rival is at least on the ball, proven; −Infinity without a proof. */
function leastMargin(
  { neurons, sums, readout, outputBias }: Folded,
  { b, width, off }: Factor,
  { label, rival, radius }: { label: number; rival: RivalProof; radius: number },
): number {
  const nu = rival.multiplier, other = row(readout, neurons, rival.class);
  const alpha = row(readout, neurons, label).map((u, k) => u - other[k]!);
  let height = outputBias[label]! - outputBias[rival.class]!, weights = 0, missed = 0;
  const n = new Float64Array(width * width),
    p = new Float64Array(width),
    q = new Float64Array(2 * neurons);
  for (let k = 0; k < neurons; k++) {
    const one = row(b, width, k), two = row(b, width, k + neurons), half = alpha[k]! / 2;
    height += alpha[k]! * sums[k]! * sums[k + neurons]!;
    const size = Math.abs(alpha[k]!), here = off[k]!, there = off[k + neurons]!;
    weights += size * norm(one) * norm(two);
    q[k] = alpha[k]! * sums[k + neurons]!;
    q[k + neurons] = alpha[k]! * sums[k]!;
    missed += (Math.abs(q[k]!) * here + Math.abs(q[k + neurons]!) * there) * radius +
      size * (here * norm(two) + norm(one) * there + here * there) * radius * radius;
    for (let i = 0; i < width; i++) {
      const left = half * one[i]!, right = half * two[i]!;
      // a Cholesky factor has zeros on the right
      if (left === 0 && right === 0) continue;
      p[i]! += q[k]! * one[i]! + q[k + neurons]! * two[i]!;
      for (let j = 0; j <= i; j++) n[i * width + j]! += left * two[j]! + right * one[j]!;
    }
  }
  let trace = 0;
  for (let i = 0; i < width; i++) {
    n[i * width + i]! += nu;
    trace += Math.abs(n[i * width + i]!);
    for (let j = 0; j < i; j++) n[j * width + i] = n[i * width + j]!;
  }
  const theta = 2 * rounding(width + 4) * trace + 2 ** -1000, lowered = n.slice();
  for (let i = 0; i < width; i++) lowered[i * width + i]! -= 2 * theta;
  const l = cholesky(lowered, width);
  if (!l) return -Infinity;
  const s = solve(l, p.map((x) => -x / 2), width), size = norm(s), whole = norm(n);
  const rest = multiply(n, s, width, 1).map((x, i) => x + p[i]! / 2);
  const residual = norm(rest) + rounding(width + 4) * (whole * size + norm(p));
  const lost = missed + rounding(2 * neurons + 8) * (weights + nu) * radius * radius +
    rounding(2 * neurons + 8) * norm(q) * norm(b) * radius +
    residual * size + residual * residual / theta + rounding(width + 4) * norm(p) * size;
  const least = height + dot(p, s) / 2 - nu * radius * radius;
  return least - 1.01 * lost -
    rounding(8) * (Math.abs(height) + nu * radius * radius + size * norm(p));
}

/** x with LLᵀx = b. */
function solve(l: Float64Array, b: Float64Array, n: number): Float64Array {
  const x = b.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}

/**
 * |f32 output − exact output| at most on the ball [outputs], layer by layer from magnitudes; also pays
 * for folding and evaluating in f64, whose errors are the same with 2⁻⁵³ for 2⁻²⁴.
 */
function forwardErrors(
  layers: readonly PlainLayer[],
  x: Float64Array,
  radius: number,
): Float64Array {
  const inputs = layers[0]!.inputs;
  let values = x, size = x.map(Math.abs), error = new Float64Array(inputs);
  let folded: Float64Array | undefined, multiplied = false;
  layers.forEach(({ type, weight, bias, inputs: width, rows }, l) => {
    const unit = (width + 2) * 2 ** -24 / (1 - (width + 2) * 2 ** -24);
    const absolute = Float64Array.from(weight, Math.abs);
    const sums = multiply(absolute, size, width, 1).map((s, i) => s + Math.abs(bias?.[i] ?? 0));
    const carried = multiply(absolute, error, width, 1);
    if (!multiplied) {
      const before = folded;
      folded = before ? multiply(weight, before, width, inputs) : Float64Array.from(weight);
      values = multiply(weight, values, width, 1).map((s, i) => s + (bias?.[i] ?? 0));
      if (l === 0) {
        sums.forEach((s, i) => sums[i] = s + 1.01 * norm(row(folded!, inputs, i)) * radius);
      }
      size = values.map((v, i) => {
        const slack = before
          ? rounding(width + 2) * norm(row(absolute, width, i)) * norm(before)
          : 0;
        return Math.abs(v) + 1.01 * (norm(row(folded!, inputs, i)) + slack) * radius;
      });
    } else size = sums;
    // a sum beyond f32 overflows, and proves nothing
    error = sums.map((s, i) =>
      s + carried[i]! < 2 ** 127
        ? 1.01 * ((1 + unit) * carried[i]! + unit * s) + 2 ** -110
        : Infinity
    );
    if (type === "linear") return;
    multiplied = true;
    const half = rows / 2, a = size, e = error;
    size = a.slice(0, half).map((s, k) => s * a[k + half]!);
    error = size.map((s, k) =>
      1.01 * ((a[k]! + e[k]!) * e[k + half]! + e[k]! * a[k + half]! + 2 ** -23 * s) + 2 ** -110
    );
  });
  return error.map((e, o) => e < 2 ** 127 && size[o]! < 2 ** 127 ? e : Infinity);
}
