import process from "node:process";

/** Ways to set words apart; each returns its text unchanged where colors are unwelcome. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
}

/** Where a command speaks: to people, and with `--json` also to programs. */
export interface Terminal {
  /** Whether stdout belongs to programs. */
  readonly json: boolean;
  readonly style: Style;
  /** A line for people: on stdout, with `--json` on stderr. */
  say(line?: string): void;
  /** One object as one line of JSON on stdout; nothing without `--json`. */
  emit(value: unknown): void;
  /** Draws over the last line of stderr, where that is a terminal. */
  readonly live?: LiveLine;
}

/** A line at the bottom of a terminal that is drawn again and again. */
export interface LiveLine {
  /** Width of the terminal, characters. */
  columns(): number;
  /** Replaces the line. */
  draw(line: string): void;
  /** Removes the line. */
  clear(): void;
}

/** The parts of an output stream that a terminal needs. */
export interface Output {
  /** Whether people watch it. */
  readonly isTTY?: boolean;
  /** Its width, characters. */
  readonly columns?: number;
  /** Writes a text as it is. */
  write(text: string): unknown;
}

/** What the command line needs to know of the process it runs in. */
export interface Surroundings {
  /** Results. */
  readonly stdout: Output;
  /** Errors and progress; with `--json` all text for people. */
  readonly stderr: Output;
  /** NO_COLOR and TERM. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The terminal of this process. */
export function processSurroundings(): Surroundings {
  const { stdout, stderr, env } = process;
  // whoever reads stdout may stop reading, as `head` does: that is no failure
  stdout.on("error", (error: { code?: string }) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const { NO_COLOR, TERM } = env;
  return { stdout, stderr, environment: { NO_COLOR, TERM } };
}

/** A terminal that obeys NO_COLOR (https://no-color.org), TERM=dumb and redirection. */
export function openTerminal(
  { stdout, stderr, environment }: Surroundings,
  { json }: { readonly json: boolean },
): Terminal {
  const people = json ? stderr : stdout;
  const capable = environment.TERM !== "dumb";
  const colors = people.isTTY === true && capable && !environment.NO_COLOR;
  const paint = (code: number, end: number) => (text: string): string =>
    colors ? `\x1b[${code}m${text}\x1b[${end}m` : text;
  const style = {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    red: paint(31, 39),
  };
  let drawn = false;
  const live: LiveLine = {
    // a terminal that has not been told its size says 0
    columns: () => stderr.columns || 80,
    draw: (line) => {
      stderr.write(`\r${line}\x1b[K`);
      drawn = true;
    },
    clear: () => {
      if (drawn) stderr.write("\r\x1b[K");
      drawn = false;
    },
  };
  return {
    json,
    style,
    say: (line = "") => {
      live.clear();
      people.write(`${line}\n`);
    },
    emit: (value) => {
      if (json) stdout.write(`${JSON.stringify(value)}\n`);
    },
    ...(stderr.isTTY === true && capable ? { live } : {}),
  };
}
