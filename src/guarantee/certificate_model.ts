import { FormatError, readSafetensors, toFloat32 } from "../formats/mod.ts";
import { sha256 } from "./sha256.ts";

/** A layer of weights as plain arrays. */
export interface PlainLayer {
  /** x·Wᵀ + b, or the product of the left half of that with the right half. */
  readonly type: "linear" | "bilinear";
  /** Length of its input. */
  readonly inputs: number;
  /** Rows of the weight: twice the outputs where it is bilinear. */
  readonly rows: number;
  /** Weight [rows, inputs]. */
  readonly weight: Float32Array;
  /** Bias [rows], where there is one. */
  readonly bias?: Float32Array | undefined;
}

/** What keeps layers from being a network, as a sentence; undefined where nothing does. */
export function misfit(layers: readonly PlainLayer[]): string | undefined {
  let width = layers[0]?.inputs;
  for (const [i, { type, inputs, rows, weight, bias }] of layers.entries()) {
    if (inputs !== width) return `layer ${i} takes ${inputs} numbers, and is given ${width}`;
    const halves = type === "bilinear" ? 2 : 1;
    if (!(Number.isSafeInteger(inputs) && inputs > 0 && Number.isSafeInteger(rows) && rows > 0)) {
      return `layer ${i} is of ${rows} rows from ${inputs} inputs`;
    }
    if (rows % halves !== 0) {
      return `layer ${i} is bilinear, and its ${rows} rows are no two halves`;
    }
    if (weight.length !== rows * inputs || (bias && bias.length !== rows)) {
      return `layer ${i} has a weight or a bias of another size`;
    }
    width = rows / halves;
  }
  return undefined;
}

/** SHA-256 of an input as little-endian f32: what `input` of a certificate must be. */
export function hashOfInput(input: ArrayLike<number>): string {
  return sha256(littleEndian(Float32Array.from(input)));
}

/**
 * SHA-256 of a network: a line `type inputs rows bias` for every layer (`bias` is true or false), then
 * the weight and the bias of every layer as little-endian f32.
 */
export function fingerprint(layers: readonly PlainLayer[]): string {
  const lines = layers.map(({ type, inputs, rows, bias }) =>
    `${type} ${inputs} ${rows} ${!!bias}\n`
  );
  const parts: Uint8Array[] = [new TextEncoder().encode(lines.join(""))];
  for (const { weight, bias } of layers) {
    parts.push(littleEndian(weight));
    if (bias) parts.push(littleEndian(bias));
  }
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return sha256(all);
}

/**
 * Layers of a model file, as `io.save` writes it.
 *
 * @throws {FormatError} when the bytes are no such file, or hold layers that a certificate cannot be about.
 */
export function readLayers(bytes: Uint8Array): PlainLayer[] {
  const { tensors, metadata } = readSafetensors(bytes);
  const refuse = (what: string): never => {
    throw new FormatError(`Cannot read a network to check: ${what}`, { source: "bytes" });
  };
  // its whole numbers stand for weights only together with their factors
  if ("odot.packed" in metadata) {
    return refuse("it is packed for the edge; give the file of io.save that it was made from");
  }
  let config: unknown;
  try {
    config = JSON.parse(metadata["odot.model"] ?? "null");
  } catch {
    return refuse('the architecture in "odot.model" is no JSON');
  }
  const listed = (config as { layers?: unknown } | null)?.layers;
  if (!Array.isArray(listed)) return refuse('its metadata has no "odot.model"');
  return listed.map((layer, i) => {
    const { type, inputs, outputs, bias, gate } = (layer ?? {}) as Record<string, unknown>;
    if ((type !== "linear" && type !== "bilinear") || gate !== undefined) {
      return refuse(`layer ${i} is neither linear nor bilinear without a gate`);
    }
    const rows = (type === "bilinear" ? 2 : 1) * (outputs as number);
    const values = (name: string, size: number): Float32Array => {
      const found = tensors[`${i}.${name}`], data = found && toFloat32(found);
      return data?.length === size ? data : refuse(`"${i}.${name}" is not there in its size`);
    };
    return {
      type,
      inputs: inputs as number,
      rows,
      weight: values("weight", rows * (inputs as number)),
      bias: bias === true ? values("bias", rows) : undefined,
    };
  });
}

function littleEndian(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(4 * values.length), view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i]!, true);
  return bytes;
}
