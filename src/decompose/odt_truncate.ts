import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type BilinearMap, type DeepInteractions, fromChain } from "./deep_interactions.ts";
import type { Cut } from "./odt_bonds.ts";
import { fewerNeurons } from "./odt_neurons.ts";

/** A projection of a state: state ≈ up · (down · state). */
interface Projection {
  readonly up: Matrix;
  readonly down: Matrix;
}

/**
 * The chain with every state cut to its leading directions, the constant first. A state that keeps all
 * directions stays as it is, unless it is `always` to go through its coordinates.
 */
export function withRanks(
  whole: DeepInteractions,
  cuts: readonly Cut[],
  ranks: readonly number[],
  when: "always" | "cut" = "cut",
): DeepInteractions {
  const projections = cuts.map((cut, l) => {
    const count = ranks[l]! + (cut.constant ? 1 : 0);
    const stays = ranks[l] === 0 || (when === "cut" && count === cut.gauge.up.rows);
    return stays ? undefined : projection(cut, ranks[l]!);
  });
  const first = projections[0], last = projections.at(-1);
  const embedding = first
    ? whole.embedding ? matmul(first.down, whole.embedding) : first.down
    : whole.embedding;
  const layers = whole.layers.map((layer, l): BilinearMap => {
    const before = projections[l], after = projections[l + 1];
    const readout = after ? matmul(after.down, layer.readout) : layer.readout;
    return fewerNeurons({
      left: before ? matmul(layer.left, before.up) : layer.left,
      right: before ? matmul(layer.right, before.up) : layer.right,
      // the outputs themselves, projected
      readout: l === whole.depth - 1 && last ? matmul(last.up, readout) : readout,
    }, whole.constant);
  });
  return fromChain({
    inputs: whole.inputs,
    constant: whole.constant,
    layers,
    ...(embedding && { embedding }),
  });
}

function projection({ gauge, directions, constant }: Cut, rank: number): Projection {
  const size = directions.columns, first = constant ? 1 : 0, count = rank + first;
  const rows = matrix(count, size);
  if (constant) rows.data.set(constant);
  rows.data.set(directions.data.subarray(0, rank * size), first * size);
  const up = matmul(gauge.up, rows, "NT"), down = matmul(rows, gauge.down);
  if (constant) {
    // exactly, so that the constant stays 1
    up.data.fill(0, 0, count);
    down.data.fill(0, 0, down.columns);
    up.data[0] = down.data[0] = 1;
  }
  return { up, down };
}
