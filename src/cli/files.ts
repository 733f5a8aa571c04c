import { constants } from "node:fs";
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { CommandError, messageOf } from "./errors.ts";

/** The code of a failed system call, such as ENOENT. */
function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

/** What to do where a result cannot be written. */
const ELSEWHERE = "choose another place with --out";

/** Whether there is a folder. */
export async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isDirectory(), () => false);
}

/**
 * Fails unless a file can be written, without writing it: called before long work.
 *
 * @throws {CommandError} that says why not, and what to do.
 */
export async function checkWritable(path: string, remedy: string = ELSEWHERE): Promise<void> {
  if (await isFolder(path)) {
    throw new CommandError(`Cannot write ${path}: it is a folder; give the name of a file in it`);
  }
  const folder = dirname(resolve(path));
  if (!await isFolder(folder)) {
    const there = await stat(folder).then(() => true, () => false);
    throw new CommandError(
      there
        ? `Cannot write ${path}: ${folder} is no folder`
        : `Cannot write ${path}: there is no folder ${folder}; make it, or choose another place`,
    );
  }
  // created and removed at once: permissions alone do not tell of read-only file systems
  const probe = temporaryName(path);
  try {
    await (await open(probe, "w")).close();
    await rm(probe);
  } catch (error) {
    throw cannotWrite(path, error, remedy);
  }
}

/**
 * Makes a folder, and those above it, where it is missing.
 *
 * @throws {CommandError} when it cannot be made.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new CommandError(
      `Cannot make the folder ${path} (${
        codeOf(error) ?? messageOf(error)
      }); choose another with --out`,
    );
  }
}

/**
 * Writes a file whole or not at all, to the disk: under a temporary name, then renamed.
 *
 * @throws {CommandError} when it cannot be written; a file that was there stays as it was.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  remedy: string = ELSEWHERE,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    // not "wx": what has our number in its name and is there was left by a process that is gone
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw cannotWrite(path, error, remedy);
  }
  await syncFolder(dirname(resolve(path)));
}

/** Brings a new name in a folder to the disk, where the system can do so. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const opened = await open(folder, "r");
    await opened.sync().finally(() => opened.close());
  } catch {
    // the file itself is whole either way
  }
}

/** Removes what processes that were killed left half-written beside a file. */
export async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(resolve(path)), start = `.${basename(path)}.`;
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(start) || !/^\d+\.tmp$/.test(name.slice(start.length))) continue;
    if (isRunning(parseInt(name.slice(start.length)))) continue;
    await rm(join(folder, name), { force: true }).catch(() => {});
  }
}

/** Whether there is another process of a number. */
function isRunning(number: number): boolean {
  if (number === process.pid) return false;
  try {
    process.kill(number, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== "ESRCH";
  }
}

/** Renames a file if it is there, and says whether it was. */
export async function moveAside(path: string, target: string): Promise<boolean> {
  try {
    await rename(path, target);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw cannotWrite(target, error, ELSEWHERE);
  }
}

/** Removes a file if it is there. */
export async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
}

/**
 * The bytes of a file.
 *
 * @throws {CommandError} when it cannot be read; `remedy` ends the message where it is missing.
 */
export async function readWhole(path: string, remedy: string): Promise<Uint8Array> {
  try {
    await access(path, constants.R_OK);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") {
      throw new CommandError(`Cannot read ${path}: there is no such file; ${remedy}`);
    }
    const why = code === "EISDIR" || await isFolder(path)
      ? "it is a folder; give the file in it"
      : code === "EACCES"
      ? "permission denied"
      : messageOf(error);
    throw new CommandError(`Cannot read ${path}: ${why}`);
  }
}

/** The address of a file, which terminals make clickable. */
export function fileAddress(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

function temporaryName(path: string): string {
  return join(dirname(resolve(path)), `.${basename(path)}.${process.pid}.tmp`);
}

function cannotWrite(path: string, error: unknown, remedy: string): CommandError {
  const code = codeOf(error);
  const why = code === "EACCES" || code === "EPERM"
    ? "permission denied"
    : code === "EROFS"
    ? "the file system is read-only"
    : code === "ENOSPC" || code === "EDQUOT"
    ? "the disk is full"
    : code === "EFBIG"
    ? "the file would be larger than is allowed"
    : code ?? messageOf(error);
  return new CommandError(`Cannot write ${path}: ${why}; ${remedy}`);
}
