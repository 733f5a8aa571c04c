import { sha256 } from "./sha256.ts";

/**
 * The JSON of certificates, by `kind`. Each is about every f32 input δ away from the one it names and the
 * network in f32, its sums taken in any order:
 *
 * - `class`: within the L2 radius the network prefers `label` to every rival;
 * - `limit`: within the L2 radius an output keeps to a limit;
 * - `box`: where no entry moves by more than the radius, and all stay in the domain, the network prefers
 *   `label` to every rival.
 *
 * What must be positive is m₀ + g·δ + δᵀQδ: a margin, or the distance of an output to its limit. A
 * multiplier ν proves m₀ − ¼gᵀ(Q + νI)⁻¹g − ν·radius² over a ball, wherever Q + νI ≻ 0 (weak duality). A
 * diagonal D with Q + D ≽ 0 makes the form convex by terms Dᵢ(δᵢ − lowᵢ)(δᵢ − highᵢ), which are ≤ 0 inside
 * the box, and the tangent of that convex function anywhere bounds it from below.
 */
export type Certificate = ClassCertificate | LimitCertificate | BoxCertificate;

/** What all certificates have. */
export interface CertificateBase {
  /** Always `odot.certificate`. */
  readonly format: "odot.certificate";
  /** Version of this format. Files of version 1 have no kind, are about classes, and are still read. */
  readonly version: 2;
  /** SHA-256 of the architecture and the weights: a line `type inputs rows bias` a layer, then the numbers. */
  readonly model: string;
  /** SHA-256 of the input as little-endian f32; that of zeros for a ball about the origin. */
  readonly input: string;
  /** How far the input may move, in its unit: in L2, but entry by entry for a box. */
  readonly radius: number;
  /** SHA-256 of the JSON text of a list of all other fields: see `termsOf` of this file. */
  readonly digest: string;
}

/** Proof that a classifier keeps its class on an L2 ball, as plain data for JSON. */
export interface ClassCertificate extends CertificateBase {
  /** Which claim. */
  readonly kind: "class";
  /** The class that is kept. */
  readonly label: number;
  /** ν for every rival, each once. */
  readonly rivals: readonly RivalProof[];
}

/** The proof against one rival. */
export interface RivalProof {
  /** The rival. */
  readonly class: number;
  /** ν ≥ 0, in the unit of outputs over that of inputs squared. */
  readonly multiplier: number;
}

/** Proof that an output keeps to a limit on an L2 ball, as plain data for JSON. */
export interface LimitCertificate extends CertificateBase {
  /** Which claim. */
  readonly kind: "limit";
  /** Which output. */
  readonly output: number;
  /** Whether it never exceeds the limit, or never falls below it. */
  readonly side: "atMost" | "atLeast";
  /** The limit. */
  readonly limit: number;
  /** ν ≥ 0, in the unit of outputs over that of inputs squared. */
  readonly multiplier: number;
}

/** Proof that a classifier keeps its class on a box, as plain data for JSON. */
export interface BoxCertificate extends CertificateBase {
  /** Which claim. */
  readonly kind: "box";
  /** The class that is kept. */
  readonly label: number;
  /** What entries may be; null for no such end. */
  readonly domain: readonly [low: number | null, high: number | null];
  /** D and a point for every rival, each once. */
  readonly rivals: readonly RivalDual[];
}

/** The proof against one rival over a box. */
export interface RivalDual {
  /** The rival. */
  readonly class: number;
  /** The diagonal of D [inputs], ≥ 0, and above 0 where the input can move. */
  readonly shift: readonly number[];
  /** δ where the tangent is taken [inputs]; where it lies outside the box, the nearest point of that. */
  readonly step: readonly number[];
}

type Unsealed<T> = T extends unknown ? Omit<T, "format" | "version" | "digest"> : never;

/** A certificate without what follows from the rest. */
export type Claim = Unsealed<Certificate>;

/** Certificate of a claim, with its digest. */
export function sealed<T extends Claim>(
  claim: T,
): T & Pick<CertificateBase, "format" | "version" | "digest"> {
  const digest = hashOfJson(termsOf(claim));
  return { ...claim, format: "odot.certificate", version: 2, digest };
}

/** What the digest is about, as a list. */
function termsOf(claim: Claim): unknown[] {
  const { kind, model, input, radius } = claim, about = [2, kind, model, input, radius];
  if (claim.kind === "limit") {
    return [...about, claim.output, claim.side, claim.limit, claim.multiplier];
  }
  if (claim.kind === "class") return [...about, claim.label, ...pairs(claim.rivals)];
  const duals = claim.rivals.map((rival) => [rival.class, rival.shift, rival.step]);
  return [...about, claim.label, claim.domain, ...duals];
}

const pairs = (rivals: readonly RivalProof[]): unknown[] =>
  rivals.map((rival) => [rival.class, rival.multiplier]);

const hashOfJson = (value: unknown): string =>
  sha256(new TextEncoder().encode(JSON.stringify(value)));

type Test = (value: unknown) => boolean;

const text: Test = (value) => typeof value === "string";
const whole: Test = (value) => Number.isSafeInteger(value);
const finite: Test = (value) => Number.isFinite(value);
const positive: Test = (value) => Number.isFinite(value) && (value as number) >= 0;
const exactly = (...values: unknown[]): Test => (value) => values.includes(value);
const listOf = (test: Test): Test => (value) => Array.isArray(value) && value.every(test);
const object = (fields: Readonly<Record<string, Test>>): Test => (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value) &&
  Object.keys(value).sort().join(" ") === Object.keys(fields).sort().join(" ") &&
  Object.entries(fields).every(([name, test]) => test((value as Record<string, unknown>)[name]));

const base = (version: number): Record<string, Test> => ({
  ...{ format: exactly("odot.certificate"), version: exactly(version), digest: text },
  ...{ model: text, input: text, radius: positive },
});
const rivals = listOf(object({ class: whole, multiplier: positive }));
const duals = listOf(object({ class: whole, shift: listOf(positive), step: listOf(finite) }));
const end: Test = (value) => value === null || finite(value);
const domain: Test = (value) => listOf(end)(value) && (value as unknown[]).length === 2;
const sides = exactly("atMost", "atLeast");

const FIRST = object({ ...base(1), label: whole, rivals });
const KINDS: readonly Test[] = [
  object({ ...base(2), kind: exactly("class"), label: whole, rivals }),
  object({
    ...{ ...base(2), kind: exactly("limit"), output: whole, side: sides },
    ...{ limit: finite, multiplier: positive },
  }),
  object({ ...base(2), kind: exactly("box"), label: whole, domain, rivals: duals }),
];

/** A certificate from JSON, its form and digest checked, and nothing proven; a reason where it is none. */
export function readCertificate(given: unknown): Certificate | string {
  const unfit = "its digest does not fit its contents";
  if (FIRST(given)) {
    const { version, digest, ...rest } = given as ClassCertificate;
    const { model, input, label, radius } = rest;
    const terms = [version, model, input, label, radius, pairs(rest.rivals)];
    return hashOfJson(terms) === digest ? sealed({ ...rest, kind: "class" }) : unfit;
  }
  if (!KINDS.some((test) => test(given))) {
    return "it is no certificate of this format and version";
  }
  const certificate = given as Certificate;
  return hashOfJson(termsOf(certificate)) === certificate.digest ? certificate : unfit;
}
