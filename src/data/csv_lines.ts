import { FormatError, nameOfType, quote } from "../formats/mod.ts";

/** One line of a CSV file: its fields, and where it begins. */
export interface CsvLine {
  /** Line of the file, from 1; a quoted field may run over several. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Text of a CSV file: bytes are UTF-8, a byte order mark is left out. */
export function textOf(source: string | Uint8Array, name: string): string {
  if (typeof source === "string") return source.startsWith("\ufeff") ? source.slice(1) : source;
  if (nameOfType(source) !== "Uint8Array") {
    throw new TypeError(`Cannot read CSV from ${nameOfType(source)}; pass text or a Uint8Array`);
  }
  if (source[0] === 0x1f && source[1] === 0x8b) {
    throw new FormatError(
      `Cannot read ${name}: it is compressed with gzip (1f 8b); decompress() it first`,
      { source: name, offset: 0 },
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(source);
  } catch (cause) {
    throw new FormatError(`Cannot read ${name}: it is no text in UTF-8`, { source: name, cause });
  }
}

/** The error for a place in a CSV file; columns count from 1. */
export function csvError(
  name: string,
  line: number,
  column: number | undefined,
  problem: string,
): FormatError {
  const place = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
  return new FormatError(`Cannot read ${name}: ${place}: ${problem}`, { source: name });
}

/**
 * Lines of a CSV text (RFC 4180): fields in quotes may hold separators, line ends and doubled quotes;
 * lines end in LF, CRLF or CR; spaces around a field and empty lines do not count.
 */
export function* csvLines(text: string, separator: string, name: string): Generator<CsvLine> {
  let at = 0, line = 1, first = 1, fields: string[] = [];
  const lineEnd = (): boolean => {
    const character = text[at];
    if (character !== "\n" && character !== "\r") return false;
    at += character === "\r" && text[at + 1] === "\n" ? 2 : 1;
    line++;
    return true;
  };
  const blank = (): boolean =>
    (text[at] === " " || text[at] === "\t" || text[at] === "\u00a0") && text[at] !== separator;
  const quoted = (): string => {
    const start = line, column = fields.length + 1;
    let content = "", from = ++at;
    for (;;) {
      if (at >= text.length) {
        throw csvError(
          name,
          start,
          column,
          "its quote is never closed; end the field with a quote",
        );
      }
      if (text[at] === '"') {
        content += text.slice(from, at);
        if (text[++at] !== '"') break;
        from = at++; // the second of two stands for one
      } else if (!lineEnd()) at++;
    }
    while (blank()) at++;
    if (at < text.length && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") {
      const found = quote(text[at]!);
      throw csvError(
        name,
        line,
        column,
        `${found} follows the closing quote; a separator or the end of the line belongs there, and a ` +
          "quote within quotes is doubled",
      );
    }
    return content;
  };
  const plain = (): string => {
    const start = at;
    for (; at < text.length; at++) {
      const character = text[at];
      if (character === separator || character === "\n" || character === "\r") break;
      if (character === '"') {
        throw csvError(
          name,
          line,
          fields.length + 1,
          "a quote in the middle of a field; put the whole field in quotes and double those within",
        );
      }
    }
    return text.slice(start, at).trim();
  };
  while (at < text.length) {
    while (blank()) at++;
    const inQuotes = text[at] === '"';
    const field = inQuotes ? quoted() : plain();
    fields.push(field);
    if (at < text.length && text[at] === separator) {
      at++;
      if (at < text.length) continue;
      fields.push(""); // the file ends in a separator
    } else lineEnd();
    if (fields.length > 1 || inQuotes || field !== "") yield { line: first, fields };
    fields = [];
    first = line;
  }
}
