/**
 * Stand-in for `@std/cli` on machines that cannot reach JSR: `parseArgs` with the options that odot
 * uses (string, boolean, alias, default, collect, negatable, stopEarly, unknown, `--`), without dotted
 * names and without inferring types. `deno.json` keeps the real one as the default; see tools/jsr.ts.
 *
 * @module
 */

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions {
  "--"?: boolean;
  alias?: Readonly<Record<string, string | readonly string[]>>;
  boolean?: string | readonly string[];
  collect?: string | readonly string[];
  default?: Readonly<Record<string, unknown>>;
  negatable?: string | readonly string[];
  stopEarly?: boolean;
  string?: string | readonly string[];
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** What {@linkcode parseArgs} found. */
export type Args = { _: (string | number)[]; "--"?: string[] } & { [name: string]: unknown };

function list(names: string | readonly string[] | undefined): readonly string[] {
  return names === undefined ? [] : typeof names === "string" ? [names] : names;
}

function isNumber(text: string): boolean {
  return /^0x[0-9a-f]+$/i.test(text) || /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text);
}

/** Reads command line arguments into a record of flags and positionals. */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  const families = new Map<string, readonly string[]>();
  for (const [name, others] of Object.entries(options.alias ?? {})) {
    const family = [name, ...list(others)];
    for (const member of family) families.set(member, family);
  }
  const family = (name: string): readonly string[] => families.get(name) ?? [name];
  const members = (names: string | readonly string[] | undefined): Set<string> =>
    new Set(list(names).flatMap(family));
  const [strings, booleans, collected, negatable] = [
    members(options.string),
    members(options.boolean),
    members(options.collect),
    members(options.negatable),
  ];
  const result: Args = { _: [] };

  function set(name: string, value: string | boolean, arg: string): void {
    const known = strings.has(name) || booleans.has(name) || families.has(name);
    if (!known && options.unknown?.(arg, name, value) === false) return;
    const stored = typeof value === "string" && !strings.has(name) && isNumber(value)
      ? Number(value)
      : value;
    for (const member of family(name)) {
      const before = result[member];
      result[member] = !collected.has(name) || value === false && negatable.has(name)
        ? stored
        : before === undefined
        ? [stored]
        : [...[before].flat(), stored];
    }
  }

  const end = args.indexOf("--");
  const flags = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? [] : args.slice(end + 1);
  let position = 0;

  /** The value of a flag that has none of its own: the next argument where it may be taken. */
  function following(name: string, isValue: (next: string) => boolean): string | boolean {
    const next = flags[position + 1];
    if (next !== undefined && next !== "" && !booleans.has(name) && isValue(next)) {
      position++;
      return next;
    }
    if (next === "true" || next === "false") {
      position++;
      return next === "true";
    }
    return strings.has(name) ? "" : true;
  }

  function long(arg: string): void {
    const [, name = "", value] = /^--([^]+?)(?:=([^]+))?$/.exec(arg) ?? [];
    const base = name.replace(/^no-/, "");
    if (value !== undefined) set(base, booleans.has(base) ? value !== "false" : value, arg);
    else if (base !== name && negatable.has(base)) set(base, false, arg);
    else set(name, following(name, (next) => !next.startsWith("-")), arg);
  }

  function short(arg: string): void {
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at]!, after = arg.slice(at + 1);
      if (after === "") {
        set(letter, following(letter, (next) => !/^--?[^-]/.test(next)), arg);
      } else if (/^=./.test(after)) {
        return set(letter, after.slice(1), arg);
      } else if (/^-?\d+(\.\d*)?(e-?\d+)?$/.test(after) || /^\W/.test(after)) {
        return set(letter, after, arg);
      } else set(letter, strings.has(letter) ? "" : true, arg);
    }
  }

  for (; position < flags.length; position++) {
    const arg = flags[position]!;
    if (arg.startsWith("--")) long(arg);
    else if (arg.length > 1 && arg.startsWith("-")) short(arg);
    else {
      if (options.unknown?.(arg) !== false) {
        result._.push(strings.has("_") || !isNumber(arg) ? arg : Number(arg));
      }
      if (options.stopEarly) {
        result._.push(...flags.slice(position + 1));
        break;
      }
    }
  }

  for (const [name, value] of Object.entries(options.default ?? {})) {
    if (!Object.hasOwn(result, name)) { for (const member of family(name)) result[member] = value; }
  }
  for (const name of booleans) {
    if (!Object.hasOwn(result, name)) result[name] = collected.has(name) ? [] : false;
  }
  for (const name of strings) {
    if (!Object.hasOwn(result, name) && collected.has(name)) result[name] = [];
  }
  if (options["--"]) result["--"] = [...rest];
  else result._.push(...rest);
  return result;
}
