import { formatNumber } from "../report/mod.ts";
import type { Style } from "./terminal.ts";

/** Rows under a head, numbers to the right; a number is printed to four significant digits. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  style: Style,
): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => typeof cell === "number" ? formatNumber(cell, 4) : cell)
  );
  const numeric = head.map((_, i) => rows.every((row) => typeof row[i] === "number"));
  const widths = head.map((name, i) =>
    Math.max(name.length, ...cells.map((row) => row[i]?.length ?? 0))
  );
  const written = (row: readonly string[]): string =>
    `  ${
      row.map((cell, i) => numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
        .join("  ").trimEnd()
    }`;
  return [style.dim(written(head)), ...cells.map(written)];
}

/** Shades from nothing to full. */
const SHADES = " ░▒▓█";

/** An image as text, one character for two pixels, the upper and the lower. */
export function imageText(
  values: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): string[] {
  const most = Array.from(values).reduce((a, b) => Math.max(a, b), 0) || 1;
  const rows: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let row = "  ";
    for (let x = 0; x < width; x++) {
      const upper = values[y * width + x]!;
      const value = Math.max(0, (upper + (values[(y + 1) * width + x] ?? upper)) / 2) / most;
      row += SHADES[Math.min(4, Math.round(4 * value))]!;
    }
    rows.push(row.trimEnd());
  }
  return rows;
}
