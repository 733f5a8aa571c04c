/**
 * What a question about a network is answered with. `certified` and `refuted` are proven, rounding
 * included; whatever is neither, NaN among it, is `unknown`.
 */
export type Verdict = "certified" | "refuted" | "unknown";

/** The property holds, and this proves it. */
export interface Certified<Certificate> {
  /** Always `certified`. */
  readonly verdict: "certified";
  /** What proves it. */
  readonly certificate: Certificate;
}

/** The property fails, and here is where. */
export interface Refuted {
  /** Always `refuted`. */
  readonly verdict: "refuted";
  /** An input [inputs] in f32 at which the network, as it runs in f32, breaks the property. */
  readonly point: Float32Array<ArrayBuffer>;
  /** Distance of the point from the centre of the question, in the unit of the input. */
  readonly distance: number;
}

/** Neither was proven. */
export interface Unknown {
  /** Always `unknown`. */
  readonly verdict: "unknown";
  /** What the quantity in question is at least: proven. */
  readonly lower: number;
  /** What it is at most. */
  readonly upper: number;
  /** upper − lower; NaN where there are no bounds. */
  readonly gap: number;
  /** Why neither could be proven, as a sentence. */
  readonly reason: string;
}

/** One of the three answers. */
export type Answer<Certificate> = Certified<Certificate> | Refuted | Unknown;

/** The answer that proves nothing, with the best bounds there are. */
export function unknown(reason: string, lower: number = NaN, upper: number = NaN): Unknown {
  return { verdict: "unknown", lower, upper, gap: upper - lower, reason };
}
