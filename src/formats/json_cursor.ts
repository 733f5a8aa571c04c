/**
 * A reader of JSON that takes one value at a time and keeps nothing.
 *
 * `JSON.parse` will not do for a file of unknown origin: it drops duplicate keys without a word,
 * rounds long integers, and builds whatever the text asks for before anyone may object.
 */
import { FormatError, quote } from "./errors.ts";

/** Deepest nesting of arrays and objects that is read; a header needs three. */
const MAXIMUM_DEPTH = 64;

/** Longest spelling of a number that is read, in characters. */
const MAXIMUM_NUMBER_LENGTH = 64;

/** A place in JSON text. */
export interface JsonCursor {
  /** The file that the text is a part of. */
  readonly bytes: Uint8Array;
  /** Place after the last byte of the text, in bytes from the start of the file. */
  readonly end: number;
  /** Name of the file, for messages. */
  readonly source: string;
  /** Place of the next byte. */
  at: number;
  /** How many arrays and objects are open. */
  depth: number;
}

/** Reads an object; `readValue` is called at each value and reads it. Refuses duplicate keys. */
export function readObject(cursor: JsonCursor, readValue: (key: string) => void): void {
  const seen = new Set<string>();
  readItems(cursor, "{", "}", () => {
    const offset = cursor.at;
    const key = readString(cursor);
    if (seen.has(key)) {
      throw refusal(cursor, `key ${quote(key)} occurs twice; keys must be unique`, offset);
    }
    seen.add(key);
    skipSpace(cursor);
    expect(cursor, ":");
    skipSpace(cursor);
    readValue(key);
  });
}

/** Reads an array; `readItem` is called at each item and reads it. */
export function readArray(cursor: JsonCursor, readItem: () => void): void {
  readItems(cursor, "[", "]", readItem);
}

/** Reads a string of well-formed Unicode. */
export function readString(cursor: JsonCursor): string {
  const { bytes, end } = cursor;
  const start = cursor.at;
  expect(cursor, '"', "a string");
  let escaped = false;
  let at = cursor.at;
  for (; at < end && bytes[at] !== 0x22; at++) {
    if (bytes[at]! < 0x20) throw unexpected(cursor, "no control character in a string", at);
    if (bytes[at] === 0x5c) {
      escaped = true;
      at++;
    }
  }
  if (at >= end) throw refusal(cursor, "the string that begins here has no end", start);
  let text: string;
  try {
    text = decodeText(bytes, start + 1, at, true);
    if (escaped) text = JSON.parse(`"${text}"`);
  } catch {
    throw refusal(cursor, "the string that begins here is not valid UTF-8 or JSON", start);
  }
  if (/\p{Surrogate}/u.test(text)) {
    throw refusal(cursor, `string ${quote(text)} holds half of a surrogate pair`, start);
  }
  cursor.at = at + 1;
  return text;
}

/** Reads an integer from 0 to 2⁵³ − 1, spelled in digits only; `what` names it in the message. */
export function readSize(cursor: JsonCursor, what: string): number {
  const start = cursor.at;
  const literal = takeNumber(cursor);
  const value = Number(literal);
  if (!/^(?:0|[1-9][0-9]*)$/.test(literal) || !Number.isSafeInteger(value)) {
    cursor.at = start;
    throw unexpected(cursor, `${what}, an integer from 0 to 2^53 - 1`);
  }
  return value;
}

/** Reads one value of any kind and forgets it. */
export function skipValue(cursor: JsonCursor): void {
  const byte = cursor.at < cursor.end ? cursor.bytes[cursor.at] : undefined;
  if (byte === 0x7b) return readObject(cursor, () => skipValue(cursor));
  if (byte === 0x5b) return readArray(cursor, () => skipValue(cursor));
  if (byte === 0x22) return void readString(cursor);
  for (const word of ["true", "false", "null"]) {
    const stop = Math.min(cursor.at + word.length, cursor.end);
    if (decodeText(cursor.bytes, cursor.at, stop, false) !== word) continue;
    cursor.at += word.length;
    return;
  }
  const start = cursor.at;
  if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(takeNumber(cursor))) {
    cursor.at = start;
    throw unexpected(cursor, "a JSON value");
  }
}

/** Moves past white space. */
export function skipSpace(cursor: JsonCursor): void {
  const { bytes, end } = cursor;
  while (cursor.at < end && isSpace(bytes[cursor.at]!)) cursor.at++;
}

/** A FormatError that says what stands at `offset` (by default here) and what should. */
export function unexpected(
  cursor: JsonCursor,
  expected: string,
  offset: number = cursor.at,
): FormatError {
  return refusal(cursor, `found ${excerpt(cursor, offset)}; expected ${expected}`, offset);
}

/** A FormatError about the byte at `offset` of the header. */
export function refusal(cursor: JsonCursor, problem: string, offset: number): FormatError {
  const { source } = cursor;
  return new FormatError(`Cannot read ${source}: at byte ${offset}, in its header, ${problem}`, {
    source,
    offset,
  });
}

function readItems(cursor: JsonCursor, open: string, close: string, readItem: () => void): void {
  expect(cursor, open, open === "{" ? "an object" : "an array");
  if (++cursor.depth > MAXIMUM_DEPTH) {
    throw refusal(cursor, `nesting is deeper than ${MAXIMUM_DEPTH} levels`, cursor.at - 1);
  }
  skipSpace(cursor);
  let more = cursor.at >= cursor.end || cursor.bytes[cursor.at] !== close.charCodeAt(0);
  while (more) {
    readItem();
    skipSpace(cursor);
    more = cursor.at < cursor.end && cursor.bytes[cursor.at] === 0x2c;
    if (more) {
      cursor.at++;
      skipSpace(cursor);
    }
  }
  expect(cursor, close, `"," or "${close}"`);
  cursor.depth--;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function expect(cursor: JsonCursor, character: string, expected: string = `"${character}"`): void {
  const found = cursor.at < cursor.end ? cursor.bytes[cursor.at] : undefined;
  if (found !== character.charCodeAt(0)) throw unexpected(cursor, expected);
  cursor.at++;
}

/** Moves past everything that a number may be spelled with, and returns it. */
function takeNumber(cursor: JsonCursor): string {
  const { bytes, end, at: start } = cursor;
  const limit = Math.min(end, start + MAXIMUM_NUMBER_LENGTH);
  while (cursor.at < limit && "+-.0123456789Ee".includes(String.fromCharCode(bytes[cursor.at]!))) {
    cursor.at++;
  }
  return decodeText(bytes, start, cursor.at, false);
}

/** The value at `offset`, as far as a message wants it. */
function excerpt(cursor: JsonCursor, offset: number): string {
  if (offset >= cursor.end) return "the end of the header";
  const text = decodeText(cursor.bytes, offset, Math.min(cursor.end, offset + 40), false);
  return quote(/^(?:-?[\w.+-]+|"[^"]*"?)/.exec(text)?.[0] ?? text.slice(0, 1));
}

/** Text of a part of the file; copied first, since a decoder takes no shared memory. */
function decodeText(bytes: Uint8Array, start: number, stop: number, fatal: boolean): string {
  if (stop - start <= 32) {
    // Most keys and numbers end here, twenty times faster than by way of a decoder.
    let text = "";
    let at = start;
    while (at < stop && bytes[at]! < 0x80) text += String.fromCharCode(bytes[at++]!);
    if (at === stop) return text;
  }
  const decoder = fatal ? strictDecoder : lenientDecoder;
  return decoder.decode(new Uint8Array(bytes.subarray(start, stop)));
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
