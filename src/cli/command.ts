import { configure } from "../kernels/mod.ts";
import { choice, type Flag, type Flags, type Parsed, parseFlags, toggle } from "./flags.ts";
import { UsageError } from "./errors.ts";
import { invocation } from "./invocation.ts";
import type { Terminal } from "./terminal.ts";

/** Flags that every command has. */
export const commonFlags: {
  readonly kernels: Flag<"fast" | "strict">;
  readonly json: Flag<boolean>;
  readonly debug: Flag<boolean>;
  readonly help: Flag<boolean>;
} = {
  kernels: choice(
    "fast (the relaxed build where the engine has it) or strict (the same bits on every machine)",
    {
      words: ["fast", "strict"],
      initial: "fast",
    },
  ),
  json: toggle("write JSON to stdout, and text for people to stderr"),
  debug: toggle("show where an error came from"),
  help: toggle("show this help", { letter: "h" }),
};

/** What stands before the flags: a file, two or any number from two, or the name of a shell. */
export type Positional = "MODEL" | "SHELL" | "MODEL MODEL…" | "CERTIFICATE MODEL";

const NAMED: Readonly<Record<Positional, string>> = {
  MODEL: "a model file",
  SHELL: "the name of a shell",
  "MODEL MODEL…": "two model files or more",
  "CERTIFICATE MODEL": "a certificate and a model file",
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
  readonly positional?: Positional;
  /** Whether it computes, and so takes --kernels; it does unless told. */
  readonly computes?: boolean;
  /** Runs it with the arguments after its name; resolves to the exit code. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** What a command is made of. */
export interface CommandParts<F extends Flags> extends Omit<Command, "run" | "flags"> {
  readonly flags: F;
  readonly run: (
    input: Pick<Parsed<F>, "flags"> & {
      readonly model: string;
      readonly argument: string;
      readonly second: string;
      /** All that stands before the flags. */
      readonly given: readonly string[];
    },
    terminal: Terminal,
  ) => Promise<number>;
}

/** A command that checks what it is given before it runs. */
export function command<F extends Flags>(parts: CommandParts<F>): Command {
  const { kernels, ...common } = commonFlags, { computes = true } = parts;
  const flags: Flags = { ...parts.flags, ...(computes ? { kernels } : {}), ...common };
  return {
    ...parts,
    flags,
    run: async (args, terminal) => {
      const parsed = parseFlags(args, flags);
      const { positionals } = parsed;
      const wanted = parts.positional?.split(" ").length ?? 0;
      if (parts.positional !== undefined && positionals.length < wanted) {
        throw new UsageError(
          `${parts.name} needs ${
            NAMED[parts.positional]
          }: ${invocation()} ${parts.name} ${parts.usage}`,
        );
      }
      if (positionals.length > wanted && !parts.positional?.endsWith("…")) {
        throw new UsageError(
          `${parts.name} does not take "${
            positionals[wanted]
          }"; usage: ${invocation()} ${parts.name} ${parts.usage}`,
        );
      }
      // the two tables are joined above, which the type of their values does not see through
      const values = parsed.flags as unknown as Parsed<F>["flags"];
      if (computes) {
        configure({ kernels: (parsed.flags as { kernels: "fast" | "strict" }).kernels });
      }
      const [argument = "", second = ""] = positionals;
      const input = { flags: values, model: argument, argument, second, given: positionals };
      return await parts.run(input, terminal);
    },
  };
}
