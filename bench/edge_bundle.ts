/** Size of a program in bytes. */
export interface BundleSize {
  /** Minified. */
  readonly raw: number;
  /** Minified and packed by gzip. */
  readonly gzip: number;
}

/**
 * Size of odot's `./edge` as one minified file, kernels included: esbuild, by way of `deno bundle`.
 *
 * @throws {Error} with what the bundler said when it fails.
 */
export async function edgeBundle(): Promise<BundleSize & { readonly code: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/edge.js`;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--minify", "--platform=browser", "-o", file, "src/edge/mod.ts"],
      cwd: new URL("../", import.meta.url),
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`Cannot bundle: ${new TextDecoder().decode(stderr)}`);
    const code = await Deno.readTextFile(file);
    const packed = new Blob([code]).stream().pipeThrough(new CompressionStream("gzip"));
    const gzip = (await new Response(packed).arrayBuffer()).byteLength;
    return { raw: new TextEncoder().encode(code).length, gzip, code };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
