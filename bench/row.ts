import type { Comparison } from "./measure.ts";
import type { Cells } from "./table.ts";

/** One figure of a bench. */
export interface Row {
  readonly name: string;
  /** The goal that the row counts for. */
  readonly measure?: string | undefined;
  /** Best time of odot, milliseconds. */
  readonly milliseconds?: number | undefined;
  /** Speed at the best time, GFLOP/s. */
  readonly speed?: number | undefined;
  /** What the row is about, dimensionless. */
  readonly ratio: number;
  /** What the ratio is to. */
  readonly to: string;
  /** Median over best of odot's kept runs: how noisy the machine was. */
  readonly spread?: number | undefined;
  /** Runs of all sides that counted. */
  readonly kept?: number | undefined;
  /** Runs of all sides that were discarded: their limit loop was slow. */
  readonly discarded?: number | undefined;
}

/** The common part of a row: odot is the first side. */
export function timesOf({ sides }: Comparison): Omit<Row, "name" | "ratio" | "to"> {
  return {
    milliseconds: sides[0]!.best,
    spread: sides[0]!.spread,
    kept: sides.reduce((sum, side) => sum + side.kept, 0),
    discarded: sides.reduce((sum, side) => sum + side.discarded, 0),
  };
}

/** A row as a line of a table. */
export function cells(row: Row): Cells {
  return {
    "": row.name,
    ms: row.milliseconds?.toPrecision(3),
    "GFLOP/s": row.speed?.toFixed(1),
    ratio: row.ratio,
    to: row.to,
    "median/best": row.spread,
    kept: row.kept,
    discarded: row.discarded,
  };
}
