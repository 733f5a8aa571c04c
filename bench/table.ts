/** A row of a table, by column; undefined cells print as –. */
export type Cells = Readonly<Record<string, string | number | undefined>>;

function cellText(cell: string | number | undefined): string {
  if (cell === undefined || Number.isNaN(cell)) return "–";
  if (typeof cell === "string" || Number.isInteger(cell)) return String(cell);
  return Math.abs(cell) < 0.995 ? cell.toPrecision(2) : cell.toFixed(Math.abs(cell) < 100 ? 2 : 0);
}

/** The rows as aligned text, words to the left and numbers to the right. */
export function tableText(rows: readonly Cells[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const texts = rows.map((row) => columns.map((column) => cellText(row[column])));
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] !== "string"));
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...texts.map((cells) => cells[i]!.length))
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))
      .join("  ").trimEnd();
  return [line(columns), ...texts.map(line)].join("\n");
}
