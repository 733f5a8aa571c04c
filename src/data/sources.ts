import { decompress } from "./gzip.ts";
import { findBytes, readBytes } from "./host.ts";

/** Where bytes come from: themselves, a path, or a URL (file:, http:, https:, data:, blob:). */
export type Source = Uint8Array | string | URL;

/** The name of a source for messages, where it is none of our own files. */
function nameOf(source: string | URL): string {
  const text = source.toString();
  return text.startsWith("data:") ? "the data: URL" : text.replace(/^.*[/\\]/, "");
}

/** Bytes of a source, decompressed where gzip compressed them. */
export async function readSource(source: Source, name?: string): Promise<Uint8Array> {
  if (source instanceof URL || typeof source === "string") {
    return decompress(await readBytes(source), { name: name ?? nameOf(source) });
  }
  return decompress(source, name === undefined ? {} : { name });
}

/** Bytes of `name` or `name.gz` in a folder, decompressed; undefined where there is neither. */
export async function findInFolder(
  folder: string | URL,
  name: string,
): Promise<Uint8Array | undefined> {
  const found = await lookFor(folder, name);
  return found instanceof Uint8Array ? found : undefined;
}

/**
 * Bytes of `name` or `name.gz` in a folder, decompressed.
 *
 * @throws {Error} when there is neither.
 */
export async function readFromFolder(folder: string | URL, name: string): Promise<Uint8Array> {
  const found = await lookFor(folder, name);
  if (found instanceof Uint8Array) return found;
  throw new Error(`${found.missing}, nor ${name}.gz`);
}

async function lookFor(
  folder: string | URL,
  name: string,
): Promise<Uint8Array | { readonly missing: string }> {
  const path = `${folder.toString().replace(/\/$/, "")}/${name}`;
  const plain = await findBytes(path);
  if (plain instanceof Uint8Array) return decompress(plain, { name });
  const packed = await findBytes(`${path}.gz`);
  return packed instanceof Uint8Array ? decompress(packed, { name: `${name}.gz` }) : plain;
}
