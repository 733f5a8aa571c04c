// Runs the command line as users do, in a process of its own, or in this one where that is enough.
import { main } from "../../src/cli/main.ts";

/** What a run left behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function address(path: string): string {
  return new URL(`../../${path}`, import.meta.url).pathname;
}

/** The arguments of Deno that run the command line; the stand-ins are used where these tests use them. */
function denoArguments(): string[] {
  const offline = import.meta.resolve("@std/assert").startsWith("file:");
  return [
    "run",
    "--allow-all",
    "--no-check",
    `--config=${address("deno.json")}`,
    ...(offline ? [`--import-map=${address("tools/offline/import_map.json")}`] : []),
    address("src/cli/main.ts"),
  ];
}

/** A process that runs the command line, its outputs piped. */
export function command(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...denoArguments(), ...args],
    stdout: "piped",
    stderr: "piped",
    ...options,
  });
}

/** Runs the command line in a process of its own, on Linux with a limit on the size of files if asked. */
export async function run(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; fileBlocks?: number } = {},
): Promise<Run> {
  const { fileBlocks, ...rest } = options;
  const limited = fileBlocks === undefined ? command(args, rest) : new Deno.Command("bash", {
    args: [
      ...["-c", `trap '' XFSZ; ulimit -f ${fileBlocks}; exec "$0" "$@"`],
      ...[Deno.execPath(), ...denoArguments(), ...args],
    ],
    ...rest,
  });
  const { code, stdout, stderr } = await limited.output();
  const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Runs the command line in this process: quicker, and the same but for signals. */
export async function runHere(args: readonly string[]): Promise<Run> {
  let stdout = "", stderr = "";
  const code = await main(args, {
    stdout: { write: (text) => stdout += text },
    stderr: { write: (text) => stderr += text },
    environment: {},
  });
  return { code, stdout, stderr };
}
