import type { DeepInteractions } from "./deep_interactions.ts";
import { EXPLICIT } from "./odt_gauge.ts";

/** Numbers held at once beside the network, and operations, of its ODT: upper estimates. */
export function odtWork({ layers, inputs }: DeepInteractions): readonly [number, number] {
  let kept = 0, most = 0, operations = 0;
  layers.forEach(({ left, readout }, l) => {
    const { rows: k, columns: width } = left, o = readout.rows;
    // of the inputs only what the first map reads has coordinates
    const n = l === 0 ? Math.min(width, 2 * k + 1) : width, span = Math.min(n, 2 * k);
    const pairs = span * (span + 1) / 2, written = k * pairs <= EXPLICIT;
    // the environment of the state below: from its written core, or by Gram matrices of 2·k sides
    const core = o * n * n <= EXPLICIT;
    kept += 2 * k * width + k * o + 2 * n * width + 3 * n * n;
    most = Math.max(
      most,
      written ? (k + o) * pairs : 4 * k * k,
      core ? 2 * o * n * n : 8 * k * k + 2 * k * n,
    );
    operations += 8 * n * n * width + 4 * k * n * width +
      (written ? 2 * o * pairs * (k + 2 * o) : 6 * k * k * n) +
      (core ? 2 * o * n * n * (k + 2 * n) : 16 * k * k * n + 4 * k * n * n) +
      // two spectra of a state, its way through its coordinates, and three inner products of networks
      60 * n ** 3 + 12 * k * n * width + 24 * k * k * (width + o);
  });
  const last = layers.at(-1)!.readout.rows;
  return [3 * kept + most + inputs * layers[0]!.left.columns, operations + 60 * last ** 3];
}
