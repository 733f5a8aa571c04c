import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";
import { invocation } from "./invocation.ts";
import type { Style } from "./terminal.ts";

/** Longest line of a help text, characters. */
const LINE = 100;

/** A text in lines of at most `width` characters, broken between words. */
export function wrap(text: string, width: number = LINE): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** Widest first column; what is wider has a line of its own. */
const NAMES = 44;

/** Two columns, the first as wide as its longest entry, the second wrapped. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const lengths = rows.map(([name]) => name.length).filter((length) => length <= NAMES);
  const width = Math.max(0, ...lengths), hanging = `\n${" ".repeat(width + 4)}`;
  return rows.map(([name, said]) =>
    `  ${name.padEnd(width)}${name.length > width ? hanging : "  "}${
      wrap(said, LINE - width - 4).join(hanging)
    }`
  ).join("\n");
}

function flagRow(name: string, { letter, placeholder, help, initial }: Flag<unknown>): [
  string,
  string,
] {
  const written = `${letter ? `-${letter}, ` : "    "}--${name}${
    placeholder ? ` ${placeholder}` : ""
  }`;
  const shown = initial === undefined || initial === false || initial === ""
    ? ""
    : ` [${String(initial)}]`;
  return [written, help + shown];
}

/** What `odot COMMAND --help` says. */
export function commandHelp(command: Command, style: Style): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => flagRow(name, flag));
  return [
    `${style.bold(`odot ${command.name}`)} ${command.usage}`,
    "",
    command.details.split("\n\n").map((part) => wrap(part).join("\n")).join("\n\n"),
    "",
    style.bold("Flags"),
    columns(rows),
    "",
    style.bold("Examples"),
    ...command.examples.map((example) => `  odot ${example}`),
  ].join("\n");
}

/** What `odot --help` says. */
export function mainHelp(commands: readonly Command[], version: string, style: Style): string {
  return [
    `${
      style.bold("odot")
    } ${version}: bilinear networks, trained, decomposed and explained from their weights`,
    "",
    `${style.bold("Usage")}  odot COMMAND [flags]`,
    "",
    style.bold("Commands"),
    columns(commands.map(({ name, summary }) => [name, summary])),
    "",
    style.bold("Flags"),
    columns([
      ["-h, --help", "show this help; after a command, that of the command"],
      ["    --version", "show the version"],
    ]),
    "",
    style.bold("Examples"),
    columns([
      ["odot demo", "learn handwritten digits and explain what was learned"],
      ["odot train --task xor", "learn a gate in a second, and read it from the weights"],
      ["odot explain digits.safetensors --index 7", "why did it take this image for what it did?"],
    ]),
    "",
    `Here odot is called as: ${invocation()}`,
    "",
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refuted, 4 unknown, 130 interrupted. NO_COLOR is obeyed.",
  ].join("\n");
}
