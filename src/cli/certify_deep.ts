import { type Answer, attack, composedRange } from "../guarantee/mod.ts";
import type { Model } from "../nn/mod.ts";

/** What bounds composed layer by layer prove about a network without an exact form. */
export interface ComposedProof {
  readonly label: number;
  readonly radius: number;
  /** Least margin over all rivals that is proven, for exact outputs: rounding in f32 comes on top. */
  readonly margin: number;
}

/** Whether the class of an input stays within an L2 radius, by composed bounds and by attack. */
export function deepVerdict(
  model: Model,
  input: Float32Array,
  { radius, label, seed }: {
    readonly radius: number;
    readonly label: number;
    readonly seed: number;
  },
): Answer<ComposedProof> {
  const logits = model.predict(input), predicted = logits.indexOf(Math.max(...logits));
  if (predicted !== label) {
    return { verdict: "refuted", point: Float32Array.from(input), distance: 0 };
  }
  const { difference } = composedRange(model, { center: input, radius, seed });
  let margin = Infinity;
  for (let rival = 0; rival < model.outputs; rival++) {
    if (rival === label) continue;
    // NaN stays NaN, and so is not certified
    margin = Math.min(margin, difference(label, rival).lower);
  }
  if (margin > 0) return { verdict: "certified", certificate: { label, radius, margin } };
  const found = attack(model, input, { radius, labels: [label], seed });
  if (found.found[0] && found.distances[0]! <= radius) {
    return { verdict: "refuted", point: found.points, distance: found.distances[0]! };
  }
  const upper = found.margins[0]!;
  return {
    ...{ verdict: "unknown", lower: margin, upper, gap: upper - margin },
    reason: "layers are bounded one by one, which says little for deep networks and large radii, " +
      "and no attack found another class",
  };
}
