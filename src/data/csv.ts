import { FormatError, quote } from "../formats/mod.ts";
import { csvError, type CsvLine, csvLines, textOf } from "./csv_lines.ts";
import { type Dataset, dataset } from "./dataset.ts";

/** How a CSV file is written. */
export interface CsvOptions {
  /** What stands between fields, one character; `","` unless said. */
  readonly separator?: string;
  /**
   * Whether the first line names the columns. `"auto"`, the default: it does when none of its fields is a
   * number.
   */
  readonly header?: "present" | "absent" | "auto";
  /** Name of the file, for messages and for the dataset; `"CSV"` unless said. */
  readonly name?: string;
}

/** A table of numbers. */
export interface NumberTable {
  /** Names of the columns; `"1"`, `"2"`, … where the file has none. */
  readonly columns: readonly string[];
  /** Number of rows. */
  readonly rows: number;
  /** Numbers row by row [rows · columns]. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** How {@linkcode csv} makes labelled rows of a table. */
export interface CsvDatasetOptions extends CsvOptions {
  /** Column that holds the labels: its name, or its number from 0 (from the end where negative). */
  readonly label: string | number;
  /**
   * Names of the classes in their order, as the column writes them, or their number where it holds the
   * numbers from 0. Unless said, whole numbers from 0 to 65535 stay as they are, and other labels become
   * classes in ascending order. Say it where several files must agree.
   */
  readonly classes?: number | readonly string[];
  /** What inputs are divided by when used: 255 for pixels; 1 unless said. */
  readonly divisor?: number;
  /** Width and height where rows are images, pixels. */
  readonly image?: { readonly width: number; readonly height: number };
}

/** A file that is being read: its columns are known, its lines come one by one. */
interface Opened {
  readonly name: string;
  readonly columns: readonly string[];
  /** Lines of numbers; they end in an error if there are none. */
  readonly lines: Iterable<CsvLine>;
}

/**
 * Numbers of a CSV file (RFC 4180) as a table: text, or bytes in UTF-8. Fields may be quoted, lines end
 * in LF or CRLF, empty lines and a byte order mark do not count.
 *
 * @throws {FormatError} when a field is no finite number in the range of 32-bit floats, a line has more or
 * fewer fields than the first, a quote is not closed, or there are no rows: with line and column from 1.
 * @throws {RangeError} when the separator is not one character, or is a quote or line end.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const { columns, rows, data: numbers } = data.readCsv("width,height\n1,2.5\n3,-4e-2\n");
 * console.log(columns, rows, numbers); // ["width", "height"] 2 Float32Array [1, 2.5, 3, -0.04]
 * ```
 */
export function readCsv(source: string | Uint8Array, options: CsvOptions = {}): NumberTable {
  const opened = open(source, options), numbers = numbersOf(opened);
  for (const line of opened.lines) numbers.append(line);
  const data = numbers.end(), { columns } = opened;
  return { columns, rows: data.length / columns.length, data };
}

/**
 * Labelled rows of a CSV file: one column holds the labels, the others are inputs.
 *
 * @throws {FormatError} when an input is no finite number, a label is empty or none of the classes, a line
 * has more or fewer fields than the first, or there are no rows: with line and column from 1.
 * @throws {RangeError} when there is no such column, or the separator is not one character.
 * @example
 * ```ts
 * import * as data from "@odot/odot/data";
 * const flowers = data.csv("petal,sepal,kind\n1.4,5.1,setosa\n4.7,7.0,versicolor\n", {
 *   label: "kind",
 * });
 * console.log(flowers.features, flowers.classNames); // 2 ["setosa", "versicolor"]
 * ```
 */
export function csv(source: string | Uint8Array, options: CsvDatasetOptions): Dataset {
  const opened = open(source, options), { name } = opened;
  const column = columnOf(opened, options.label), numbers = numbersOf(opened, column);
  if (opened.columns.length === 1) {
    throw new FormatError(`Cannot read ${name}: it has labels, but no inputs`, { source: name });
  }
  const written: string[] = [], lines: number[] = [];
  for (const line of opened.lines) {
    numbers.append(line);
    written.push(line.fields[column]!);
    lines.push(line.line);
  }
  const refuse = (i: number, problem: string): FormatError =>
    csvError(name, lines[i]!, column + 1, problem);
  const { divisor, image } = options;
  return dataset({
    name,
    inputs: numbers.end(),
    ...labelsOf(written, options.classes, refuse),
    ...(divisor === undefined ? {} : { divisor }),
    ...(image ? { image } : {}),
  });
}

function open(
  source: string | Uint8Array,
  { separator = ",", header = "auto", name = "CSV" }: CsvOptions,
): Opened {
  if (separator.length !== 1 || /["\r\n]/.test(separator)) {
    throw new RangeError(
      `Cannot read ${name} with the separator ${
        quote(separator)
      }: it must be one character, and no ` +
        "quote or line end",
    );
  }
  if (typeof source === "string" && /^[^\n]*\.csv$/i.test(source)) {
    throw new TypeError(
      `Cannot read CSV: ${
        quote(source)
      } looks like the name of a file; give the text or the bytes, as in csv(await readBytes(${
        quote(source)
      }), …)`,
    );
  }
  const all = csvLines(textOf(source, name), separator, name);
  const { value: first } = all.next() as { value: CsvLine | undefined };
  const none = new FormatError(`Cannot read ${name}: it has no rows`, { source: name });
  if (first === undefined) throw none;
  const named = header === "present" ||
    header === "auto" && first.fields.every((field) => Number.isNaN(numberIn(field)));
  const wanted = first.fields.length;
  function* lines(): Generator<CsvLine> {
    let rows = 0;
    if (!named) {
      rows++;
      yield first!;
    }
    for (const line of all) {
      const count = line.fields.length;
      if (count !== wanted) {
        throw csvError(
          name,
          line.line,
          Math.min(count, wanted) + 1,
          `the line has ${count} fields, and the first has ${wanted}; is the separator ${
            quote(separator)
          }?`,
        );
      }
      rows++;
      yield line;
    }
    if (rows === 0) throw none;
  }
  const columns = named ? first.fields : first.fields.map((_, i) => `${i + 1}`);
  return { name, columns, lines: lines() };
}

/** A number in decimal notation, NaN for anything else: Number() would take "", "0x10" and "Infinity". */
function numberIn(field: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(field) ? Number(field) : NaN;
}

/** Collects the numbers of line after line, without those of one column. */
function numbersOf(
  { name, columns }: Opened,
  without = -1,
): { append(line: CsvLine): void; end(): Float32Array<ArrayBuffer> } {
  let data = new Float32Array(1024), position = 0;
  return {
    append: ({ line, fields }) => {
      if (position + fields.length > data.length) {
        const larger = new Float32Array(2 * (data.length + fields.length));
        larger.set(data);
        data = larger;
      }
      fields.forEach((field, column) => {
        if (column === without) return;
        const value = Math.fround(numberIn(field));
        if (!Number.isFinite(value)) {
          const problem = field === ""
            ? "is empty"
            : Number.isNaN(value)
            ? `holds ${quote(field)}, which is no finite number`
            : `holds ${quote(field)}, beyond the range of 32-bit floats`;
          throw csvError(name, line, column + 1, `the field ${quote(columns[column]!)} ${problem}`);
        }
        data[position++] = value;
      });
    },
    end: () => data.slice(0, position),
  };
}

/** Number of the column that a caller names. */
function columnOf({ name, columns }: Opened, label: string | number): number {
  const column = typeof label === "number"
    ? (label < 0 ? columns.length + label : label)
    : columns.indexOf(label);
  if (Number.isInteger(column) && column >= 0 && column < columns.length) return column;
  const shown = columns.slice(0, 8).map(quote).join(", ") + (columns.length > 8 ? ", …" : "");
  throw new RangeError(
    typeof label === "number"
      ? `Cannot take labels from column ${label} of ${name}: it has the columns 0 to ${
        columns.length - 1
      }`
      : `Cannot take labels from the column ${quote(label)} of ${name}: it has ${shown}`,
  );
}

interface Labels {
  readonly labels: Int32Array<ArrayBuffer>;
  readonly classes?: number;
  readonly classNames?: readonly string[];
}

function labelsOf(
  written: readonly string[],
  classes: number | readonly string[] | undefined,
  refuse: (i: number, problem: string) => FormatError,
): Labels {
  const empty = written.indexOf("");
  if (empty >= 0) throw refuse(empty, "the label is empty");
  const numbered = written.every((text) => /^\d{1,5}$/.test(text) && Number(text) < 65536);
  if (typeof classes === "number" || classes === undefined && numbered) {
    const labels = Int32Array.from(written, (text, i) => {
      const label = /^\d{1,9}$/.test(text) ? Number(text) : -1;
      if (label >= 0 && label < (classes ?? 65536)) return label;
      throw refuse(i, `the label ${quote(text)} is no class from 0 to ${classes! - 1}`);
    });
    return classes === undefined ? { labels } : { labels, classes };
  }
  const classNames = classes ?? [...new Set(written)].sort(ascending);
  const places = new Map(classNames.map((label, i) => [label, i]));
  const labels = Int32Array.from(written, (text, i) => {
    const place = places.get(text);
    if (place !== undefined) return place;
    throw refuse(
      i,
      `the label ${quote(text)} is none of the classes ${classNames.slice(0, 8).map(quote)}`,
    );
  });
  return { labels, classNames };
}

/** Numbers by value and before text, text by its characters: the same everywhere. */
function ascending(a: string, b: string): number {
  const [x, y] = [numberIn(a), numberIn(b)];
  if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
  if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
  return a < b ? -1 : 1;
}
