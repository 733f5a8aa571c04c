import type { PlainLayer } from "./certificate_model.ts";
import { multiply, norm, rounding, row } from "./checker_matrix.ts";

/** One bilinear layer with the linear ones folded in, in f64, and what it sees at the input. */
export interface Folded {
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

/** Folds linear layers into the bilinear one; x is the input. */
export function fold(layers: readonly PlainLayer[], x: Float64Array): Folded {
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

/** What must be positive: Σ weights·(W x + b)(V x + c) + constant. */
export interface Quantity {
  /** [neurons]. */
  readonly weights: Float64Array;
  /** Added to the sum. */
  readonly constant: number;
  /** Outputs that it is made of: their errors in f32 count against it. */
  readonly outputs: readonly number[];
}

/** outputs[label] − outputs[rival]. */
export function marginOver(
  { neurons, readout, outputBias }: Folded,
  label: number,
  rival: number,
): Quantity {
  const other = row(readout, neurons, rival);
  return {
    weights: row(readout, neurons, label).map((u, k) => u - other[k]!),
    constant: outputBias[label]! - outputBias[rival]!,
    outputs: [label, rival],
  };
}

/** How far an output stays below a limit, or above one where the sign is −1. */
export function roomBelow(
  { neurons, readout, outputBias }: Folded,
  { output, limit, sign }: { output: number; limit: number; sign: 1 | -1 },
): Quantity {
  return {
    weights: row(readout, neurons, output).map((u) => -sign * u),
    constant: sign * (limit - outputBias[output]!),
    outputs: [output],
  };
}

/**
 * |f32 output − exact output| at most on the ball [outputs], layer by layer from magnitudes; also pays
 * for folding and evaluating in f64, whose errors are the same with 2⁻⁵³ for 2⁻²⁴.
 */
export function forwardErrors(
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
      const unsure = before ? rounding(width + 2) * norm(before) : 0;
      size = values.map((v, i) => {
        const slack = unsure * norm(row(absolute, width, i));
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
