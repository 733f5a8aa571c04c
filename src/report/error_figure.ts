/**
 * Error of a decomposition against how much it keeps.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import type { PageFigure } from "./html.ts";
import { lineChart } from "./line_chart.ts";

/** Error of a decomposition of one rank. */
export interface RankError {
  /** How much was kept: components, directions, eigenvectors of each output. */
  readonly rank: number;
  /** ‖X − X̂‖ / ‖X‖, dimensionless. */
  readonly relativeError: number;
  /** What theory promises the error stays below, where it does. */
  readonly errorBound?: number;
}

/**
 * Relative error against rank, with its bound where there is one.
 *
 * @example
 * ```ts
 * import { errorFigure } from "@odot/odot/report";
 * const { svg } = errorFigure([{ rank: 1, relativeError: 0.6 }, { rank: 2, relativeError: 0.1 }], {
 *   xLabel: "components",
 *   kept: 2,
 * });
 * console.log(svg.startsWith("<svg"));
 * ```
 */
export function errorFigure(
  errors: readonly RankError[],
  { xLabel, kept }: { readonly xLabel: string; readonly kept?: number },
): PageFigure {
  const sorted = [...errors].sort((a, b) => a.rank - b.rank);
  // where the bound is the error itself, one line says both
  const bounded = sorted.some(({ relativeError, errorBound }) =>
    errorBound !== undefined && Math.abs(errorBound - relativeError) > 1e-3 * relativeError
  );
  const least = sorted.reduce((low, { relativeError }) => Math.min(low, relativeError), 1);
  return {
    svg: lineChart([
      { name: bounded ? "error" : "", points: sorted.map((e) => [e.rank, 100 * e.relativeError]) },
      ...(bounded
        ? [{
          name: "bound",
          style: "dashed" as const,
          // an error above 1 is worse than nothing, and bounds nothing
          points: sorted.map(({ rank, errorBound = NaN }) =>
            [rank, errorBound <= 1 ? 100 * errorBound : NaN] as const
          ),
        }]
        : []),
    ], {
      title: "Error against rank",
      xLabel,
      yLabel: "‖B − B̂‖ / ‖B‖, %",
      xScale: (sorted.at(-1)?.rank ?? 1) > 30 ? "log" : "linear",
      ...(least < 1e-3 ? {} : { yLimits: [0, 100] }),
      ...(kept === undefined
        ? {}
        : { references: [{ value: kept, label: "this one", axis: "x" as const }] }),
    }),
    caption: `Relative error in the coefficients against ${xLabel}${
      bounded ? ", and the bound that theory gives" : ""
    }${sorted.length > 1 ? `: from ${said(sorted[0]!)} down to ${said(sorted.at(-1)!)}` : ""}.`,
  };
}

function said({ rank, relativeError }: RankError): string {
  return `${formatNumber(relativeError)} with ${formatNumber(rank)}`;
}
