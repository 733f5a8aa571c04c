/**
 * `deno publish --dry-run`, also where JSR cannot be reached: there on a copy in which the stand-ins of
 * tools/offline are linked in place of the packages, since publishing takes no import map.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { copyTree } from "./copy_tree.ts";

const root = new URL("../", import.meta.url);

async function run(cwd: string | URL, args: string[]): Promise<{ code: number; text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

const probe = await run(root, ["run", "-q", "--allow-net=jsr.io", "tools/jsr.ts"]);
const offline = probe.text.includes("--import-map");
const folder = await Deno.makeTempDir({ prefix: "odot_publish_" });
try {
  let cwd: string | URL = root;
  if (offline) {
    console.error("JSR cannot be reached: checking a copy with the stand-ins linked");
    const copy = `${folder}/package`;
    await Deno.mkdir(copy);
    await copyTree(root, copy, ["deno.json", "mod.ts", "README.md", "LICENSE", "src"]);
    const config = JSON.parse(await Deno.readTextFile(`${copy}/deno.json`));
    const links: string[] = [];
    for (const [name, target] of Object.entries<string>(config.imports)) {
      const stand = name.replace(/^@std\//, "");
      if (!target.startsWith("jsr:@std/")) continue;
      await Deno.mkdir(`${folder}/${stand}`);
      await Deno.copyFile(new URL(`tools/offline/${stand}.ts`, root), `${folder}/${stand}/mod.ts`);
      const linked = {
        name,
        version: "1.99.0",
        exports: { ".": "./mod.ts", "./parse-args": "./mod.ts" },
      };
      await Deno.writeTextFile(`${folder}/${stand}/deno.json`, JSON.stringify(linked));
      links.push(`../${stand}`);
    }
    await Deno.writeTextFile(`${copy}/deno.json`, JSON.stringify({ ...config, links }));
    cwd = copy;
  }
  const { code, text } = await run(cwd, ["publish", "--dry-run", "--allow-dirty"]);
  console.error(text.replaceAll(folder, "."));
  Deno.exitCode = code;
} finally {
  await Deno.remove(folder, { recursive: true });
}
