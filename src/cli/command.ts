import { configure } from "../kernels/mod.ts";
import { choice, type Flag, type Flags, type Parsed, parseFlags, toggle } from "./flags.ts";
import { UsageError } from "./errors.ts";
import type { Terminal } from "./terminal.ts";

/** Flags that every command has. */
export const commonFlags: {
  readonly kernels: Flag<"fast" | "strict">;
  readonly json: Flag<boolean>;
  readonly debug: Flag<boolean>;
  readonly help: Flag<boolean>;
} = {
  kernels: choice("fast, or strict for the same bits on every machine", {
    words: ["fast", "strict"],
    initial: "fast",
  }),
  json: toggle("write JSON to stdout, and text for people to stderr"),
  debug: toggle("show where an error came from"),
  help: toggle("show this help", { letter: "h" }),
};

/** One command, ready to be found by name. */
export interface Command {
  readonly name: string;
  /** One line for `odot --help`. */
  readonly summary: string;
  /** What follows the name: `MODEL --data DIR`. */
  readonly usage: string;
  /** Some lines for its own `--help`. */
  readonly details: string;
  /** Lines to try, without `odot`. */
  readonly examples: readonly string[];
  readonly flags: Flags;
  /** What must stand before the flags; nothing unless told. */
  readonly positional?: "MODEL" | "SHELL";
  /** Runs it with the arguments after its name; resolves to the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** What a command is made of. */
export interface CommandParts<F extends Flags> extends Omit<Command, "run" | "flags"> {
  readonly flags: F;
  readonly run: (
    input: Pick<Parsed<F>, "flags"> & { readonly model: string; readonly argument: string },
    terminal: Terminal,
  ) => Promise<number>;
}

/** A command that checks what it is given before it runs. */
export function command<F extends Flags>(parts: CommandParts<F>): Command {
  const flags: F & typeof commonFlags = { ...parts.flags, ...commonFlags };
  return {
    ...parts,
    flags,
    run: async (args, terminal) => {
      const parsed = parseFlags(args, flags);
      const { positionals } = parsed;
      const wanted = parts.positional === undefined ? 0 : 1;
      if (positionals.length < wanted) {
        const what = parts.positional === "MODEL" ? "a model file" : "the name of a shell";
        throw new UsageError(`${parts.name} needs ${what}: odot ${parts.name} ${parts.usage}`);
      }
      if (positionals.length > wanted) {
        throw new UsageError(
          `${parts.name} does not take "${
            positionals[wanted]
          }"; usage: odot ${parts.name} ${parts.usage}`,
        );
      }
      // the two tables are joined above, which the type of their values does not see through
      const values = parsed.flags as unknown as Parsed<F>["flags"];
      configure({ kernels: (parsed.flags as { kernels: "fast" | "strict" }).kernels });
      const argument = positionals[0] ?? "";
      return await parts.run({ flags: values, model: argument, argument }, terminal);
    },
  };
}
