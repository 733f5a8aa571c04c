// The folder in which the runtimes and the packed tarball are installed, and what runs there.

/** What a command left behind. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder, and how to run things in it. */
export interface Workspace {
  readonly folder: string;
  /** The tarball of the package. */
  readonly tarball: string;
  /** Writes a file, its folder too, and gives its path. */
  write(name: string, text: string | Uint8Array): Promise<string>;
  /** Runs a program in the folder; its end is awaited. */
  run(program: string, args: readonly string[], seconds?: number): Promise<Finished>;
  /** The same, failing unless it succeeds. */
  mustRun(program: string, args: readonly string[], seconds?: number): Promise<string>;
  /** Version of an installed package. */
  version(name: string): Promise<string>;
}

const root = new URL("../../", import.meta.url);
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/** The processor of this machine, as npm packages name it. */
export const architecture: string = ARCHITECTURES[Deno.build.arch] ?? Deno.build.arch;
/** Name on npm of Node's binary for this machine. */
export const nodeBinary: string = `node-${Deno.build.os}-${architecture}`;

/** The tarball that `deno task npm` made. */
async function findTarball(): Promise<string> {
  const folder = new URL("npm/", root);
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".tgz")) return decodeURIComponent(new URL(name, folder).pathname);
    }
  } catch {
    // said below
  }
  throw new Error("Cannot find a tarball in npm/: run deno task npm first");
}

/** A workspace in `folder`, with the tarball and the packages that are not there yet. */
export async function openWorkspace(
  folder: string,
  packages: Readonly<Record<string, string>>,
): Promise<Workspace> {
  const tarball = await findTarball();
  const run: Workspace["run"] = async (program, args, seconds = 120) => {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      cwd: folder,
      env: { NO_COLOR: "1", npm_config_loglevel: "error", npm_config_update_notifier: "false" },
      signal: AbortSignal.timeout(1000 * seconds),
    }).output();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  };
  const mustRun: Workspace["mustRun"] = async (program, args, seconds) => {
    const { code, stdout, stderr } = await run(program, args, seconds);
    if (code === 0) return stdout;
    const said = `${stderr}\n${stdout}`.trim().split("\n").slice(-25).join("\n");
    throw new Error(`${program} ${args.slice(0, 3).join(" ")} ended with ${code}:\n${said}`);
  };
  const write: Workspace["write"] = async (name, content) => {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await (typeof content === "string"
      ? Deno.writeTextFile(path, content)
      : Deno.writeFile(path, content));
    return path;
  };
  const version: Workspace["version"] = async (name) =>
    JSON.parse(await Deno.readTextFile(`${folder}/node_modules/${name}/package.json`)).version;

  const config = { name: "runtimes", private: true, type: "module", dependencies: packages };
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const before = await Deno.readTextFile(`${folder}/package.json`).catch(() => "");
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save"];
  if (before !== text) {
    await write("package.json", text);
    await mustRun("npm", ["install", ...options], 300);
  }
  // as npm install would lay it out, which installs nothing else: the package has no dependencies
  await Deno.remove(`${folder}/node_modules/odot`, { recursive: true }).catch(() => {});
  await Deno.mkdir(`${folder}/node_modules/odot`, { recursive: true });
  await mustRun("tar", ["xzf", tarball, "-C", "node_modules/odot", "--strip-components=1"]);
  return { folder, tarball, write, run, mustRun, version };
}
