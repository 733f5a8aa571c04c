// The programs of others that the example and its benchmark run, from npm, in examples/edge/built/tools.

const WORKER = ["wrangler@4.86.0"];
const PEERS = [
  ...["onnxruntime-web@1.30.0", "@tensorflow/tfjs@4.22.0"],
  "@tensorflow/tfjs-backend-wasm@4.22.0",
];

/** This folder. */
export const folder: URL = new URL("./", import.meta.url);

/** Runs a program to its end, its output shown. @throws {Error} when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { code } = await new Deno.Command(program, { args: [...args], cwd: folder, env }).output()
    .then(async (output) => {
      await Deno.stdout.write(output.stdout);
      await Deno.stderr.write(output.stderr);
      return output;
    });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed with code ${code}`);
}

/** The folder of the tools, installed where they are not yet: wrangler, and the peers where asked for. */
export async function tools(which: "worker" | "worker and peers"): Promise<string> {
  const place = new URL("built/tools/", folder).pathname;
  const wanted = which === "worker" ? WORKER : [...WORKER, ...PEERS];
  await Deno.mkdir(place, { recursive: true });
  const missing: string[] = [];
  for (const one of wanted) {
    const name = one.slice(0, one.lastIndexOf("@"));
    const there = await Deno.stat(`${place}node_modules/${name}`).then(() => true, () => false);
    if (!there) missing.push(one);
  }
  if (missing.length > 0) {
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    await run("npm", ["install", ...quiet, "--prefix", place, ...missing]);
  }
  return place;
}
