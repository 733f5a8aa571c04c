/**
 * Images beside the nearest images that a network takes for another class, and what differs.
 *
 * @module
 */

import { formatNumber } from "./format.ts";
import { checkImage, drawKey, drawTile, greatest, tileSide } from "./raster.ts";
import type { ImageScale, ImageSize } from "./raster.ts";
import { element, frame, text, textWidth, tooltip, truncate } from "./svg.ts";
import { paint } from "./theme.ts";

/** An input and the nearest one of another class. */
export interface Counterfactual {
  /** Which input it is: the number of its row. */
  index: number;
  /** The input [features]. */
  input: ArrayLike<number>;
  /** The smallest change that reaches the boundary [features]. */
  change: ArrayLike<number>;
  /** Its class. */
  label: number;
  /** The class across the boundary. */
  rival: number;
  /** L2 length of the change, in the unit of the input. */
  radius: number;
}

/** Options of {@linkcode counterfactuals}; width and height are the pixels of each image. */
export interface CounterfactualsOptions extends ImageSize {
  /** The figure's name. */
  title: string;
  /** Names of the classes; their numbers unless told. */
  classes?: readonly string[];
  /** The |difference| at full strength; the greatest one unless told. */
  limit?: number;
}

const gap = 12, top = 26, between = 34;

/**
 * Draws a row for every input: itself, the nearest input at which another class ties with its own, and
 * the difference, all differences on one scale, so that what is easily changed looks faint.
 *
 * @returns an `<svg>` element
 * @throws TypeError where an input or a change does not have width · height values
 *
 * @example
 * ```ts
 * import { counterfactuals } from "@odot/odot/report";
 * import { assert } from "@std/assert";
 * const svg = counterfactuals([
 *   { index: 7, input: [0, 1, 1, 0], change: [0.1, -0.2, 0, 0], label: 0, rival: 1, radius: 0.22 },
 * ], { width: 2, height: 2, title: "Nearest", classes: ["slash", "dot"] });
 * assert(svg.includes("slash"));
 * ```
 */
export function counterfactuals(
  items: readonly Counterfactual[],
  options: CounterfactualsOptions,
): string {
  const { width, height, title, classes = [] } = options;
  const called = (index: number): string => classes[index] ?? String(index);
  items.forEach(({ input, change, index }) => {
    checkImage(input, options, `input ${index}`);
    checkImage(change, options, `the change of input ${index}`);
  });
  const longer = tileSide(Math.max(width, height));
  const across = longer * width / Math.max(width, height);
  const down = longer * height / Math.max(width, height);
  const pitch = Math.max(across, 84) + gap, rowHeight = down + between;
  const limit = options.limit ?? Math.max(0, ...items.map(({ change }) => greatest(change)));
  const tile = (values: ArrayLike<number>, column: number, y: number, scale: ImageScale): string =>
    drawTile(values, {
      ...{ x: 1 + column * pitch, y, across, width, height, scale },
      // pixels of 0 to 1 keep their shade; others are scaled to the greatest of the input
      ...(scale === "diverging" ? { limit } : {}),
    });
  const caption = (column: number, y: number, content: string): string =>
    text(1 + column * pitch + across / 2, y + down + 16, truncate(content, pitch - 4, 11.5), {
      ...{ anchor: "middle" as const, size: 11.5 },
    });
  const rows = items.map((item, at) => {
    const { index, input, change, label, rival, radius } = item, y = top + at * rowHeight;
    const changed = Float64Array.from(input, (value, i) => value + change[i]!);
    const strongest = Math.max(greatest(input), Number.MIN_VALUE);
    const shown = changed.map((value) => Math.min(strongest, Math.max(0, value)));
    return element(
      "g",
      {},
      tooltip(
        `row ${index}, ${called(label)}: a change of length ${formatNumber(radius, 4)} reaches ${
          called(rival)
        }, no smaller one reaches any other class`,
      ),
      tile(input, 0, y, "gray"),
      tile(Array.from(input).some((value) => value < 0) ? changed : shown, 1, y, "gray"),
      tile(change, 2, y, "diverging"),
      caption(0, y, `${called(label)}, row ${index}`),
      caption(1, y, `${called(label)} = ${called(rival)}`),
      caption(2, y, `length ${formatNumber(radius)}`),
    );
  });
  const head = ["input", "boundary", "difference"].map((content, column) =>
    text(1 + column * pitch, 12, content, { size: 11.5, fill: paint("muted") })
  );
  const keyTop = top + items.length * rowHeight + 2;
  const key = `−${formatNumber(limit)} … ${formatNumber(limit)}`;
  return frame(
    {
      width: Math.max(3 * pitch - gap + 2, 84 + textWidth(key, 11) + 4),
      height: keyTop + 14,
      title,
      description: items.length === 0
        ? "No inputs."
        : items.map((item) =>
          `row ${item.index}, ${called(item.label)}: ${called(item.rival)} is ${
            formatNumber(item.radius)
          } away`
        ).join("; ") + ".",
    },
    ...(items.length === 0 ? [text(0, 12, "No inputs", { fill: paint("muted") })] : head),
    ...rows,
    ...(items.length === 0 ? [] : [
      drawKey(1, keyTop, 72),
      text(82, keyTop + 9, key, { size: 11, fill: paint("muted") }),
    ]),
  );
}
