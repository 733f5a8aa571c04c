import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Certificate } from "../guarantee/mod.ts";
import { formatNumber } from "../report/mod.ts";
import { CommandError } from "./errors.ts";
import {
  checkWritable,
  fileAddress,
  isFolder,
  makeFolder,
  readWhole,
  writeWhole,
} from "./files.ts";
import type { Terminal } from "./terminal.ts";

/** A certificate and the row of the data that it is about, where that is known. */
export interface RowCertificate {
  readonly row?: number;
  readonly certificate: unknown;
}

const REMEDY = "choose another place with --certificates";

/** Whether certificates go into one file: where its name ends in .json. */
function isFile(path: string): boolean {
  return /\.json$/i.test(path);
}

/** Fails early where certificates cannot be written. @throws {CommandError} */
export async function checkCertificates(path: string): Promise<void> {
  if (isFile(path)) await checkWritable(path, REMEDY);
  else await makeFolder(path);
}

/**
 * Writes certificates: into a file that ends in .json, one as it is and several as a list with their rows;
 * else into a folder, a file `row-N.json` each, or `all-inputs.json`. Returns how many.
 */
export async function writeCertificates(
  path: string,
  found: readonly { readonly row: number | undefined; readonly certificate: Certificate }[],
  single: boolean,
): Promise<number> {
  const text = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`;
  if (isFile(path)) {
    if (single && found.length === 0) return 0;
    await writeWhole(path, text(single ? found[0]!.certificate : found), REMEDY);
  } else {
    for (const { row, certificate } of found) {
      const name = row === undefined ? "all-inputs" : `row-${row}`;
      await writeWhole(join(path, `${name}.json`), text(certificate), REMEDY);
    }
  }
  return found.length;
}

/** Says how many certificates were written, and where. */
export function sayWritten(count: number, place: string, { say }: Terminal): void {
  if (count === 0) return say("No certificates were written.");
  const what = count === 1 ? "certificate" : "certificates";
  say(`${formatNumber(count)} ${what}: ${fileAddress(place)}`);
}

/**
 * The certificates in a file, or in the .json files of a folder.
 *
 * @throws {CommandError} when there are none.
 */
export async function readCertificates(path: string): Promise<RowCertificate[]> {
  const folder = await isFolder(path);
  const names = folder ? (await readdir(path)).filter(isFile).sort() : [];
  const paths = folder ? names.map((name) => join(path, name)) : [path];
  const found: RowCertificate[] = [];
  for (const one of paths) {
    const row = /row-(\d+)\.json$/i.exec(one)?.[1];
    found.push(...await readFile(one, row === undefined ? undefined : Number(row)));
  }
  if (found.length === 0) throw new CommandError(`Cannot check ${path}: there is no certificate`);
  return found;
}

async function readFile(path: string, row: number | undefined): Promise<RowCertificate[]> {
  const bytes = await readWhole(path, "odot certify --certificates FILE.json writes one");
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new CommandError(`Cannot check ${path}: it is no JSON`, { cause: error });
  }
  if (!Array.isArray(content)) {
    return [{ ...(row === undefined ? {} : { row }), certificate: content }];
  }
  return content.map((item: unknown, i) => {
    const { row, certificate } = (item ?? {}) as Record<string, unknown>;
    if (!Number.isSafeInteger(row) || certificate === undefined) {
      throw new CommandError(
        `Cannot check ${path}: item ${i} of its list is no {"row": …, "certificate": …}`,
      );
    }
    return { row: row as number, certificate };
  });
}
