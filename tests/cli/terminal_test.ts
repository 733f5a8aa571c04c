import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "../../src/cli/errors.ts";
import { checkpointName } from "../../src/cli/checkpoints.ts";
import { choice, number, parseFlags, text, toggle } from "../../src/cli/flags.ts";
import { invocation } from "../../src/cli/invocation.ts";
import { barLine, clock, progressOf } from "../../src/cli/progress.ts";
import { readRecord, writeRecord } from "../../src/cli/record.ts";
import { suggestion } from "../../src/cli/suggestion.ts";
import { imageText, table } from "../../src/cli/tables.ts";
import { openTerminal, type Surroundings, type Terminal } from "../../src/cli/terminal.ts";

/** A terminal that writes down what it shows. */
function fake(
  options: { isTTY?: boolean; columns?: number; json?: boolean; NO_COLOR?: string; TERM?: string },
): { terminal: Terminal; out: string[]; err: string[] } {
  const { isTTY = true, columns = 80, json = false, ...environment } = options;
  const out: string[] = [], err: string[] = [];
  const stream = (lines: string[]) => ({
    isTTY,
    columns,
    write: (line: string) => lines.push(line),
  });
  const surroundings: Surroundings = { stdout: stream(out), stderr: stream(err), environment };
  return { terminal: openTerminal(surroundings, { json }), out, err };
}

Deno.test("openTerminal() keeps stdout for programs with --json", () => {
  const people = fake({});
  people.terminal.say("hello");
  people.terminal.emit({ a: 1 });
  assertEquals([people.out, people.err], [["hello\n"], []]);
  const programs = fake({ json: true });
  programs.terminal.say("hello");
  programs.terminal.emit({ a: 1 });
  assertEquals([programs.out, programs.err], [[`{"a":1}\n`], ["hello\n"]]);
});

Deno.test("openTerminal() colors on a terminal alone, and never under NO_COLOR", () => {
  const bold = (options: Parameters<typeof fake>[0]): string =>
    fake(options).terminal.style.bold("x");
  assertEquals(bold({}), "\x1b[1mx\x1b[22m");
  assertEquals(bold({ NO_COLOR: "" }), "\x1b[1mx\x1b[22m");
  for (const plain of [{ NO_COLOR: "1" }, { TERM: "dumb" }, { isTTY: false }]) {
    assertEquals(bold(plain), "x");
  }
});

Deno.test("progressOf() draws at most ten times a second, and clears before text", () => {
  const { terminal, out, err } = fake({});
  let now = 0;
  const progress = progressOf(terminal, () => now);
  const state = () => ({ label: "epoch 1/2", share: 0.5, details: [] });
  for (; now < 1000; now += 10) progress.show(state);
  assertEquals(err.length, 10);
  assert(err.every((line) => line.startsWith("\r") && line.endsWith("\x1b[K")));
  terminal.say("text");
  assertEquals(err.at(-1), "\r\x1b[K");
  progress.clear();
  assertEquals([err.length, out], [11, ["text\n"]]);
});

Deno.test("progressOf() is silent where stderr is no terminal", () => {
  const { terminal, err } = fake({ isTTY: false });
  progressOf(terminal).show(() => ({ label: "epoch", share: 0.5, details: [] }));
  progressOf(terminal).clear();
  assertEquals(err, []);
});

Deno.test("barLine() fits any width, and drops the last details first", () => {
  const state = {
    label: "epoch 3/10",
    share: 0.47,
    details: ["loss 0.213", "0:12 left", "9 rows/s"],
  };
  for (let columns = 1; columns <= 200; columns++) {
    for (const share of [0, 0.47, 1, NaN, 2]) {
      const line = barLine({ ...state, share }, columns);
      assert([...line].length < Math.max(2, columns), `${columns}: ${line}`);
    }
  }
  assertStringIncludes(barLine(state, 100), " 47%  loss 0.213  0:12 left  9 rows/s");
  const narrow = barLine(state, 50);
  assertStringIncludes(narrow, "loss 0.213");
  assertFalse(narrow.includes("rows/s"));
});

Deno.test("clock() writes minutes and seconds, and hours from one on", () => {
  assertEquals([0, 9.6, 65, 3600, 7384, NaN].map(clock), [
    "0:00",
    "0:10",
    "1:05",
    "1:00:00",
    "2:03:04",
    "–:––",
  ]);
});

Deno.test("parseFlags() gives each flag its type, and its initial value where it is missing", () => {
  const flags = {
    rows: number("", { initial: 3, least: 1, whole: true }),
    rate: number("", { initial: undefined }),
    mode: choice("", { words: ["a", "b"], initial: "a" }),
    out: text("", { placeholder: "FILE", initial: undefined, letter: "o" }),
    loud: toggle(""),
  };
  assertEquals(parseFlags([], flags), {
    flags: { rows: 3, rate: undefined, mode: "a", out: undefined, loud: false },
    positionals: [],
  });
  const given = [
    "1",
    "--rows",
    "4",
    "--rate=-1e-3",
    "--mode",
    "b",
    "-o",
    "7",
    "--loud",
    "--",
    "-x",
  ];
  assertEquals(parseFlags(given, flags), {
    flags: { rows: 4, rate: -1e-3, mode: "b", out: "7", loud: true },
    positionals: ["1", "-x"],
  });
  for (
    const wrong of ["--rows=0", "--rows=1.5", "--rows=x", "--rate=NaN", "--mode=c", "--no-loud"]
  ) {
    assertThrows(() => parseFlags([wrong], flags), UsageError);
  }
});

Deno.test("suggestion() finds what was meant, and nothing where nothing is near", () => {
  const known = ["epochs", "batch", "learning-rate"];
  assertEquals(
    ["epoch", "ecpohs", "learning", "learningrate", "zzz", "x"].map((word) =>
      suggestion(word, known)
    ),
    ["epochs", "epochs", "learning-rate", "learning-rate", undefined, undefined],
  );
});

Deno.test("readRecord() reads what writeRecord() wrote, and refuses what makes no sense", () => {
  const record = {
    ...{ data: "mnist", seed: 1, epochs: 1, batchSize: 2, learningRate: 1e-3, weightDecay: 0 },
    ...{ noise: 0, kernels: "strict" },
    history: [{ epoch: 1, loss: 0.5, trainingAccuracy: 0.8, accuracy: 0.9 }],
  };
  assertEquals(readRecord(writeRecord(record)), record);
  for (const wrong of ["", "null", "{}", `{"seed":0,"epochs":1,"data":"m","history":[null]}`]) {
    assertEquals(readRecord({ "odot.training": wrong }), undefined);
  }
  assertEquals(readRecord({}), undefined);
});

Deno.test("checkpointName() keeps folder and ending", () => {
  assertEquals(
    ["a.safetensors", "b.c/model", "./x.y.z"].map(checkpointName),
    ["a.checkpoint.safetensors", "b.c/model.checkpoint", "./x.y.checkpoint.z"],
  );
});

Deno.test("invocation() is how the program was started", () => {
  assertEquals(invocation("file:///x/main.ts", true), "deno task odot");
  assertEquals(invocation("https://jsr.io/x/main.ts", true), "deno run -A jsr:@odot/odot/cli");
  assertEquals(invocation("file:///node_modules/odot/main.js", false), "npx odot");
});

Deno.test("table() aligns numbers on the right", () => {
  const style = fake({ isTTY: false }).terminal.style;
  assertEquals(table(["name", "n"], [["a", 5], ["bcdef", 12]], style), [
    "  name    n",
    "  a       5",
    "  bcdef  12",
  ]);
});

Deno.test("imageText() shades two pixels with one character", () => {
  assertEquals(imageText([0, 1, 0, 1, 1, 0, 0, 0], { width: 2, height: 4 }), ["   █", "  ▒"]);
  assertEquals(imageText([0, 0], { width: 1, height: 2 }), [""]);
});
