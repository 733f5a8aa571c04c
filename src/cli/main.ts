/**
 * The command line: `odot demo | train | evaluate | decompose | explain | report | certify | check |
 * compare | pack | completions`.
 *
 * Run it with `deno run -A jsr:@odot/odot/cli demo`, or from npm with `npx odot`.
 *
 * @example
 * ```ts
 * import { main } from "@odot/odot/cli";
 * console.log(await main(["--version"])); // prints the version; 0, the exit code
 * ```
 *
 * @module
 */
import process from "node:process";
import { commands } from "./commands.ts";
import { exitCode, messageOf, UsageError } from "./errors.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { invocation } from "./invocation.ts";
import { suggestion } from "./suggestion.ts";
import { openTerminal, processSurroundings, type Surroundings } from "./terminal.ts";
import { version } from "./version.ts";

export type { Output, Surroundings } from "./terminal.ts";

/**
 * Runs the command line with the given arguments and resolves to its exit code: 0 done, 1 failed, 2
 * wrong usage, 3 property refuted, 4 unknown, 130 interrupted. Errors become one line on stderr, with a stack where `--debug` is given.
 */
export async function main(
  args: readonly string[],
  surroundings: Surroundings = processSurroundings(),
): Promise<number> {
  const terminal = openTerminal(surroundings, { json: isGiven(args, "--json") });
  const asked = args[0] === "help" && args.length > 1;
  const [name = "", ...rest] = asked ? args.slice(1) : args;
  const found = commands.find((command) => command.name === name);
  try {
    const wantsHelp = asked || isGiven(args, "--help") || isGiven(args, "-h");
    if (found && wantsHelp) {
      terminal.say(commandHelp(found, terminal.style));
      return exitCode.done;
    }
    if (found) return await found.run(rest, terminal);
    if (name === "" || name === "help" || name === "--help" || name === "-h") {
      terminal.say(mainHelp(commands, version, terminal.style));
      return name === "" ? exitCode.usage : exitCode.done;
    }
    if (name === "--version") {
      terminal.say(`odot ${version}`);
      return exitCode.done;
    }
    throw new UsageError(unknownCommand(name));
  } catch (error) {
    terminal.live?.clear();
    const usage = error instanceof UsageError;
    const message = messageOf(error);
    const see = `see ${invocation()} ${found ? `${found.name} ` : ""}--help`;
    const more = !usage ? "" : message.endsWith("?") ? ` Or ${see}` : `; ${see}`;
    surroundings.stderr.write(`odot: ${message}${more}\n`);
    if (isGiven(args, "--debug")) {
      surroundings.stderr.write(`${(error as Error).stack ?? String(error)}\n`);
    }
    return usage ? exitCode.usage : exitCode.failed;
  }
}

/** Whether a switch is among the arguments, `--` ending them. */
function isGiven(args: readonly string[], written: string): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).includes(written);
}

function unknownCommand(name: string): string {
  if (name.startsWith("-")) return `there is no flag ${name} before a command`;
  const near = suggestion(name, commands.map((command) => command.name));
  return `there is no command ${name}${near ? `; did you mean ${near}?` : ""}`;
}

// not awaited: CommonJS, which npm packages hold too, knows no await at the top of a module
if (import.meta.main) main(process.argv.slice(2)).then((code) => process.exitCode = code);
