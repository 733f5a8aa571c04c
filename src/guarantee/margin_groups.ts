import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type ClassPairs, type Margin, marginOf } from "./class_pairs.ts";
import { exactLogits, gradientInto, signedValues } from "./rival.ts";
import { share, type SpectralForm, turn } from "./spectral_form.ts";

/** The margins of one class over one rival at some of many inputs. */
export interface MarginGroup {
  /** The class. */
  readonly label: number;
  /** The rival. */
  readonly rival: number;
  /** The margin in eigen coordinates. */
  readonly margin: Margin;
  /** Eigenvalues of the margin [rank]. */
  readonly values: Float64Array;
  /** Which inputs [members]. */
  readonly members: readonly number[];
  /** Margin of a member, in f64. */
  height(member: number): number;
  /** Gradient of a member [rank]: an array that the next call overwrites. */
  gradient(member: number): Float64Array;
}

/** The margins of labels over rivals at many inputs [rows, inputs], projected by matrix products. */
export function* marginGroups(
  pairs: ClassPairs,
  rows: Matrix,
  labels: ArrayLike<number>,
  wanted: (row: number, rival: number) => boolean,
): Generator<MarginGroup> {
  const { classes, forms, interactions } = pairs;
  const logits = exactLogits(interactions, rows), shared = share(forms[0]!.coordinates, rows);
  const rank = shared.columns, target = new Float64Array(rank);
  const byLabel = Array.from({ length: classes }, (): number[] => []);
  for (let i = 0; i < rows.rows; i++) byLabel[labels[i]!]!.push(i);
  for (let label = 0; label < classes; label++) {
    for (let rival = 0; rival < classes; rival++) {
      const members = rival === label ? [] : byLabel[label]!.filter((i) => wanted(i, rival));
      if (members.length === 0) continue;
      const own = matrix(members.length, rank);
      members.forEach((i, at) =>
        own.data.set(shared.data.subarray(i * rank, (i + 1) * rank), at * rank)
      );
      const margin = marginOf(pairs, label, rival), z = turn(margin.form, own).data;
      yield {
        label,
        rival,
        margin,
        values: signedValues(margin),
        members,
        height: (at) => {
          const start = members[at]! * classes;
          return logits[start + label]! - logits[start + rival]!;
        },
        gradient: (at) => {
          gradientInto(margin, z, at * rank, target);
          return target;
        },
      };
    }
  }
}

/** Inputs [rows, inputs] of eigen coordinates [rows, rank]. */
export function liftRows(
  { rotation, coordinates: { basis } }: SpectralForm,
  steps: Matrix,
): Matrix {
  const small = matmul(steps, rotation, "NT");
  return basis.rows ? matmul(small, basis.rows) : small;
}
