import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "./errors.ts";
import { suggestion } from "./suggestion.ts";

/** Names that a shell looks up. */
export type Completion = "file" | "folder";

/** A flag of a command: how it is written, explained and read. */
export interface Flag<T> {
  /** `switch` stands alone, `value` is followed by one. */
  readonly kind: "switch" | "value";
  /** One line for `--help`. */
  readonly help: string;
  /** What the value is called in `--help`, such as N or FILE. */
  readonly placeholder?: string;
  /** What it is unless given. */
  readonly initial: T;
  /** One letter that means the same. */
  readonly letter?: string;
  /** Words that it takes, or some of them: what a shell completes. */
  readonly words?: readonly string[];
  /** What a shell completes beside them. */
  readonly completion?: Completion;
  /** The value of a text; throws an error that says what would be right. */
  readonly read: (text: string) => T;
}

/** Flags by name, without their dashes. */
// deno-lint-ignore no-explicit-any -- a table of flags of any types
export type Flags = Readonly<Record<string, Flag<any>>>;

/** What the flags of a command are worth. */
export type Values<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

/** A flag that is on where it is written. */
export function toggle(help: string, options: { letter?: string } = {}): Flag<boolean> {
  return { kind: "switch", help, initial: false, read: () => true, ...options };
}

/** A flag with any text. */
export function text<D extends string | undefined>(
  help: string,
  options: {
    placeholder: string;
    initial: D;
    letter?: string;
    words?: readonly string[];
    completion?: Completion;
  },
): Flag<string | D> {
  return { kind: "value", help, read: (value) => value, ...options };
}

/** A flag with one of some words. */
export function choice<const C extends string>(
  help: string,
  options: { words: readonly C[]; initial: C },
): Flag<C> {
  const { words, initial } = options;
  return {
    kind: "value",
    help,
    placeholder: words.join("|"),
    initial,
    words,
    read: (value) => {
      const found = words.find((word) => word === value);
      if (!found) throw new UsageError(`"${value}" is none of ${words.join(", ")}`);
      return found;
    },
  };
}

/** Limits of a number on the command line. */
export interface NumberLimits<D extends number | undefined> {
  readonly initial: D;
  /** Smallest allowed; none unless told. */
  readonly least?: number;
  /** What it must be above; nothing unless told. */
  readonly above?: number;
  /** Largest allowed; none unless told. */
  readonly most?: number;
  /** Whether only whole numbers are. */
  readonly whole?: boolean;
}

/** A flag with a number. */
export function number<D extends number | undefined>(
  help: string,
  { initial, least = -Infinity, above = -Infinity, most = Infinity, whole = false }: NumberLimits<
    D
  >,
): Flag<number | D> {
  const over = above > -Infinity ? ` > ${above}` : "";
  const kind = `a ${whole ? "whole " : ""}number${least > -Infinity ? ` ≥ ${least}` : over}${
    most < Infinity ? ` and ≤ ${most}` : ""
  }`;
  return {
    kind: "value",
    help,
    placeholder: "N",
    initial,
    read: (value) => {
      const found = value.trim() === "" ? NaN : Number(value);
      const right = Number.isFinite(found) && found >= least && found > above && found <= most &&
        (!whole || Number.isSafeInteger(found));
      if (!right) throw new UsageError(`"${value}" is not ${kind}`);
      return found;
    },
  };
}

/** What was written after the name of a command. */
export interface Parsed<F extends Flags> {
  readonly flags: Values<F>;
  readonly positionals: readonly string[];
}

/**
 * Reads the arguments of a command.
 *
 * @throws {UsageError} for a flag that does not exist, lacks its value or has a wrong one.
 */
export function parseFlags<F extends Flags>(args: readonly string[], flags: F): Parsed<F> {
  const names = Object.keys(flags);
  const ofKind = (kind: "switch" | "value"): string[] =>
    names.filter((name) => flags[name]!.kind === kind);
  const valued = new Set(ofKind("value").map((name) => `--${name}`));
  const alias: Record<string, string> = {};
  for (const name of names) if (flags[name]!.letter) alias[name] = flags[name]!.letter!;
  const found = parseArgs(withNegatives(args, valued), {
    string: ["_", ...ofKind("value")],
    boolean: ofKind("switch"),
    alias,
    unknown: (arg: string, key?: string): boolean => {
      if (key === undefined) return true;
      throw unknownFlag(arg, names);
    },
  }) as unknown as { readonly _: string[] } & Readonly<Record<string, unknown>>;
  const values = names.map((name) => [name, valueOf(name, flags[name]!, found[name])]);
  return { flags: Object.fromEntries(values) as Values<F>, positionals: found._ };
}

/** Arguments in which `--index -1` is written `--index=-1`, as no flag is a number. */
function withNegatives(args: readonly string[], valued: ReadonlySet<string>): string[] {
  const end = args.indexOf("--"), written: string[] = [];
  args.forEach((arg, index) => {
    const before = written.at(-1) ?? "", inside = end < 0 || index < end;
    if (inside && valued.has(before) && /^-(?:\.?\d|Infinity$)/.test(arg)) {
      written[written.length - 1] = `${before}=${arg}`;
    } else written.push(arg);
  });
  return written;
}

function valueOf<T>(name: string, flag: Flag<T>, found: unknown): T {
  if (flag.kind === "switch") return found === true ? flag.read("") : flag.initial;
  if (found === undefined) return flag.initial;
  if (found === "") {
    throw new UsageError(
      `--${name} needs a value: --${name} ${flag.placeholder} (and --${name}=-1 where it is negative)`,
    );
  }
  try {
    return flag.read(String(found));
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`--${name}: ${error.message}`);
    throw error;
  }
}

function unknownFlag(arg: string, names: readonly string[]): UsageError {
  const given = arg.replace(/=.*$/s, "");
  const near = suggestion(given.replace(/^-+/, ""), names);
  return new UsageError(`there is no flag ${given}${near ? `; did you mean --${near}?` : ""}`);
}
