/** Where a {@linkcode FormatError} was found. */
export interface FormatErrorOptions extends ErrorOptions {
  /** Name of the file, or `"bytes"` (the default) where the bytes came without a name. */
  readonly source?: string;
  /** Place of the fault, in bytes from the start of the file. */
  readonly offset?: number;
}

/**
 * Bytes that are not what their format demands.
 *
 * The message names the file, the value in hand and what would be right; a caller that reads files
 * of unknown origin catches this class and nothing else.
 *
 * @example
 * ```ts
 * import * as io from "@odot/odot/io";
 *
 * try {
 *   io.readSafetensors(new Uint8Array(3), { name: "weights.safetensors" });
 * } catch (error) {
 *   console.log((error as Error).name); // "FormatError"
 * }
 * ```
 */
export class FormatError extends Error {
  /** Always `"FormatError"`. */
  override readonly name = "FormatError";
  /** Name of the file, or `"bytes"`. */
  readonly source: string;
  /** Place of the fault, in bytes from the start of the file; absent where no one place is at fault. */
  readonly offset?: number;

  /** An error with this message, about these bytes. */
  constructor(message: string, options: FormatErrorOptions = {}) {
    super(message, options);
    this.source = options.source ?? "bytes";
    if (options.offset !== undefined) this.offset = options.offset;
  }
}

/** `text` in double quotes with escapes, cut to 60 characters: fit for a message, however hostile. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/** `[2, 3]`: a shape as text, cut to 8 dimensions: fit for a message, however hostile. */
export function describeShape(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(", ")}${shape.length > 8 ? ", …" : ""}]`;
}

/** `Float32Array`, `Object` and so on: what a value is, in whichever realm it was made. */
export function nameOfType(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
