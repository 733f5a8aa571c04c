/**
 * Checks certificates from the weights alone. Shares no solver with what makes them, needs no
 * WebAssembly and no host: it runs at the edge and in a browser.
 *
 * What it proves: a quantity, the margin over a rival or the distance of an output to its limit, is
 * larger than the f32 errors of the outputs that it is made of, wherever the input may move. With
 * C = [W; V], t = Cδ and q = (α⊙b, α⊙a) the quantity is m₀ + q·t + Σ αₖtₖtₕ₊ₖ.
 *
 * Over an **L2 ball**: where a factor B has BBᵀ ≽ CCᵀ, t = Bs with ‖s‖ ≤ ‖δ‖, so that it is
 * ≥ m₀ + p·s + sᵀNs − νR² with p = Bᵀq and N = BᵀSB + νI. Cholesky proves N ≽ θI, and then a minimiser
 * s* with residual ρ = Ns* + p/2 gives p·s + sᵀNs ≥ p·s* + s*ᵀNs* − ‖ρ‖²/θ.
 *
 * Over a **box**: the same with C·D^−½ for C proves CᵀSC + D ≽ 0, and then the tangent of a convex
 * function bounds the quantity at the corners of the box (`checker_box.ts`).
 *
 * Every rounding error is bounded (Higham 2002, chapters 3 and 10; Rump 2006 for the proof by Cholesky)
 * and counted against the claim.
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
  type BoxCertificate,
  type Certificate,
  type CertificateBase,
  type ClassCertificate,
  type LimitCertificate,
  readCertificate,
  type RivalDual,
  type RivalProof,
} from "./certificate.ts";
import {
  fingerprint,
  hashOfInput,
  misfit,
  type PlainLayer,
  readLayers,
} from "./certificate_model.ts";
import { factorOf, leastOnBall } from "./checker_ball.ts";
import { boxOf, leastOnBox } from "./checker_box.ts";
import { fold, forwardErrors, marginOver, type Quantity, roomBelow } from "./checker_network.ts";

export type {
  BoxCertificate,
  Certificate,
  CertificateBase,
  ClassCertificate,
  LimitCertificate,
  PlainLayer,
  RivalDual,
  RivalProof,
};

/** What became of a certificate. */
export type Checked =
  | {
    /** The claim is proven. */
    readonly verdict: "certified";
    /**
     * What is left of the tightest margin, or of the distance to the limit, when every error is counted,
     * in the unit of outputs; above 0.
     */
    readonly slack: number;
  }
  | {
    /** It is not: the certificate proves nothing. */
    readonly verdict: "unknown";
    /** Why, as a sentence. */
    readonly reason: string;
  };

/**
 * Checks a certificate against the bytes of a model, as `io.save` writes them, and an input: for a limit
 * the centre of the ball, zeros where it is about the origin.
 *
 * @throws {FormatError} when the bytes are no model of linear and bilinear layers.
 */
export function check(certificate: unknown, model: Uint8Array, input: ArrayLike<number>): Checked {
  return checkLayers(certificate, readLayers(model), input);
}

/** Checks a certificate against weights in plain arrays. */
export function checkLayers(
  given: unknown,
  layers: readonly PlainLayer[],
  input: ArrayLike<number>,
): Checked {
  const reject = (reason: string): Checked => ({ verdict: "unknown", reason });
  const certificate = readCertificate(given);
  if (typeof certificate === "string") return reject(certificate);
  const bilinear = layers.filter(({ type }) => type === "bilinear").length;
  if (bilinear !== 1) return reject(`the model has ${bilinear} bilinear layers, and not one`);
  const wrong = misfit(layers);
  if (wrong) return reject(`the layers do not make a network: ${wrong}`);
  if (fingerprint(layers) !== certificate.model) return reject("it is about another model");
  if (input.length !== layers[0]!.inputs) return reject("the input has another length");
  if (hashOfInput(input) !== certificate.input) return reject("it is about another input");
  const unfit = unfitting(certificate, layers);
  if (unfit) return reject(unfit);

  let slack = Infinity;
  for (const { name, rest } of proven(certificate, layers, Float64Array.from(input, Math.fround))) {
    if (!(rest > 0)) return reject(`${name} is not proven`);
    slack = Math.min(slack, rest);
  }
  return slack < Infinity ? { verdict: "certified", slack } : reject("it claims nothing");
}

/** Why the outputs and sizes that a certificate names are not those of the model; undefined where they are. */
function unfitting(certificate: Certificate, layers: readonly PlainLayer[]): string | undefined {
  const last = layers.at(-1)!, outputs = last.rows / (last.type === "bilinear" ? 2 : 1);
  if (certificate.kind === "limit") {
    const { output } = certificate;
    return output >= 0 && output < outputs ? undefined : `the model has no output ${output}`;
  }
  const { label, rivals } = certificate, named = new Set<number>();
  if (!(label >= 0 && label < outputs)) return `the model has no class ${label}`;
  for (const rival of rivals) named.add(rival.class);
  for (let c = 0; c < outputs; c++) {
    if (named.has(c) === (c === label)) return `class ${c} is not treated as it must be`;
  }
  if (named.size !== rivals.length || rivals.length !== outputs - 1) {
    return "a rival is named twice, or is no class";
  }
  if (certificate.kind === "class") return undefined;
  const { inputs } = layers[0]!;
  return certificate.rivals.every(({ shift, step }) =>
      shift.length === inputs && step.length === inputs
    )
    ? undefined
    : "a rival has a diagonal or a step of another length";
}

/** What of every quantity is left at least where the input may move, f32 errors taken off. */
function* proven(
  certificate: Certificate,
  layers: readonly PlainLayer[],
  x: Float64Array,
): Generator<{ name: string; rest: number }> {
  const folded = fold(layers, x), { kind, radius } = certificate;
  const box = kind === "box" ? boxOf(x, radius, certificate.domain) : undefined;
  const errors = forwardErrors(layers, x, box ? box.reach : radius);
  const error = ({ outputs }: Quantity): number =>
    1.01 * outputs.reduce((sum, output) => sum + errors[output]!, 0);
  if (kind === "box") {
    for (const rival of certificate.rivals) {
      const margin = marginOver(folded, certificate.label, rival.class);
      const rest = leastOnBox(folded, margin, box!, rival) - error(margin);
      yield { name: `the margin over class ${rival.class}`, rest };
    }
    return;
  }
  const factor = factorOf(folded);
  if (kind === "limit") {
    const { output, limit, side, multiplier } = certificate, sign = side === "atMost" ? 1 : -1;
    const room = roomBelow(folded, { output, limit, sign });
    const rest = leastOnBall(folded, factor, room, { multiplier, radius }) - error(room);
    yield { name: `the limit of output ${output}`, rest };
    return;
  }
  for (const { class: rival, multiplier } of certificate.rivals) {
    const margin = marginOver(folded, certificate.label, rival);
    const rest = leastOnBall(folded, factor, margin, { multiplier, radius }) - error(margin);
    yield { name: `the margin over class ${rival}`, rest };
  }
}
