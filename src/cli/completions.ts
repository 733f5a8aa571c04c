import { type Command, command } from "./command.ts";
import { exitCode, UsageError } from "./errors.ts";
import type { Flag } from "./flags.ts";

/** Shells that completions are written for. */
export const shells = ["bash", "zsh", "fish"] as const;
/** One of them. */
export type Shell = typeof shells[number];

/** `odot completions`: a script of completions, made from the commands and flags as they are. */
export function completionsFor(commands: () => readonly Command[]): Command {
  return command({
    name: "completions",
    summary: "write completions for a shell",
    usage: shells.join("|"),
    details:
      "Writes a script that completes commands, flags and their words. It calls `odot`: where that is\n" +
      "called otherwise, make an alias.",
    examples: [
      "completions bash > ~/.local/share/bash-completion/completions/odot",
      'completions zsh > "${fpath[1]}/_odot"',
      "completions fish > ~/.config/fish/completions/odot.fish",
    ],
    flags: {},
    positional: "SHELL",
    computes: false,
    run: ({ argument }, terminal) => {
      const shell = shells.find((name) => name === argument);
      if (!shell) throw new UsageError(`"${argument}" is none of ${shells.join(", ")}`);
      const script = completionScript(shell, commands());
      if (terminal.json) terminal.emit({ shell, script });
      else terminal.say(script.trimEnd());
      return Promise.resolve(exitCode.done);
    },
  });
}

/** The script for a shell. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  // zsh looks for its own mark in the first line
  const mark = shell === "zsh" ? "#compdef odot\n" : "";
  const head = `# Completions of odot for ${shell}, written by: odot completions ${shell}\n`;
  return mark + head + { bash, zsh, fish }[shell](commands);
}

type Named = readonly [name: string, flag: Flag<unknown>];

function flagsOf({ flags }: Command): Named[] {
  return Object.entries(flags);
}

/** Ways to write a flag: `--out`, `-o`. */
function writings([name, { letter }]: Named): string[] {
  return [`--${name}`, ...(letter ? [`-${letter}`] : [])];
}

/** A text in single quotes, as every one of the shells reads it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function bash(commands: readonly Command[]): string {
  const names = [...commands.map(({ name }) => name), "help", "--help", "--version"];
  const cases = commands.map((command) => {
    const flags = flagsOf(command);
    const values = flags.filter(([, { kind }]) => kind === "value").map((named) => {
      const [, { words = [], completion }] = named;
      const parts = [
        ...(words.length > 0 ? [`-W ${quoted(words.join(" "))}`] : []),
        ...(completion === "file" ? ["-f"] : completion === "folder" ? ["-d"] : []),
      ];
      const reply = parts.length > 0 ? `_odot_reply ${parts.join(" ")}; ` : "";
      return `        ${writings(named).join("|")}) ${reply}return ;;`;
    });
    const own = command.positional === "SHELL" ? `-W ${quoted(shells.join(" "))}` : "-f";
    return [
      `    ${command.name})`,
      `      case "$before" in`,
      ...values,
      "      esac",
      `      if [[ "$current" == -* ]]; then _odot_reply -W ${
        quoted(flags.flatMap(writings).join(" "))
      }`,
      ...(command.positional ? [`      else _odot_reply ${own}`] : []),
      "      fi ;;",
    ].join("\n");
  });
  return `_odot_reply() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@" -- "$current")
}
_odot() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    _odot_reply -W ${quoted(names.join(" "))}
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    help) _odot_reply -W ${quoted(commands.map(({ name }) => name).join(" "))} ;;
  esac
}
complete -o filenames -F _odot odot
`;
}

/** A help line inside [ ] of zsh's _arguments. */
function zshText(text: string): string {
  return text.replace(/[[\]\\:]/g, (character) => `\\${character}`);
}

function zsh(commands: readonly Command[]): string {
  const listed = commands.map(({ name, summary }) =>
    `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`
  );
  const cases = commands.map((command) => {
    const specs = flagsOf(command).flatMap((named) => {
      const [name, { kind, help, words, completion }] = named;
      const files = completion === "folder" ? "_files -/" : "_files";
      const choices = words ? `(${words.join(" ")})` : completion ? files : " ";
      const action = completion && words ? `{compadd -- ${words.join(" ")}; ${files}}` : choices;
      const end = kind === "value" ? `:${zshText(name)}:${action}` : "";
      return writings(named).map((written) => quoted(`${written}[${zshText(help)}]${end}`));
    });
    if (command.positional === "SHELL") specs.push(quoted(`1:shell:(${shells.join(" ")})`));
    else {
      (command.positional?.split(" ") ?? []).forEach((name, i) =>
        specs.push(
          quoted(name.endsWith("…") ? "*:model:_files" : `${i + 1}:${name.toLowerCase()}:_files`),
        )
      );
    }
    return `    ${command.name})\n      _arguments ${
      specs.map((spec) => `\\\n        ${spec}`).join(" ")
    } ;;`;
  });
  return `_odot() {
  local -a commands
  commands=(
${listed.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case "$words[1]" in
${cases.join("\n")}
    help) _describe 'command' commands ;;
  esac
}
if [ "$funcstack[1]" = "_odot" ]; then _odot "$@"; else compdef _odot odot; fi
`;
}

function fish(commands: readonly Command[]): string {
  const lines = ["complete -c odot -f"];
  for (const command of commands) {
    lines.push(
      `complete -c odot -n __fish_use_subcommand -a ${command.name} -d ${
        fishText(command.summary)
      }`,
    );
    const here = `complete -c odot -n ${quoted(`__fish_seen_subcommand_from ${command.name}`)}`;
    if (command.positional === "SHELL") lines.push(`${here} -a ${quoted(shells.join(" "))}`);
    else if (command.positional) lines.push(`${here} -F`);
    for (const [name, { kind, help, letter, words, completion }] of flagsOf(command)) {
      lines.push([
        here,
        `-l ${name}`,
        ...(letter ? [`-s ${letter}`] : []),
        ...(kind === "value" ? [completion ? "-r -F" : "-x"] : []),
        ...(words ? [`-a ${quoted(words.join(" "))}`] : []),
        `-d ${fishText(help)}`,
      ].join(" "));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A text in single quotes for fish, where a backslash stands before a quote. */
function fishText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
