import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import * as io from "../../src/io/mod.ts";
import { commands } from "../../src/cli/commands.ts";
import { version } from "../../src/cli/version.ts";
import { run, runHere } from "../support/cli.ts";
import { filesIn, withFolder, writeSmallDigits } from "../support/small_digits.ts";

const quick = ["--hidden", "8", "--batch", "50", "--learning-rate", "0.01", "--noise", "0.1"];

async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A folder with data and a trained model. */
async function withModel(body: (folder: string, model: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const model = `${folder}/m.safetensors`;
    const made = await runHere(["train", "--data", folder, ...quick, "--epochs", "5", "-o", model]);
    assertEquals(made.code, 0, made.stderr);
    await body(folder, model);
  });
}

const stepKeys = ["type", "epoch", "step", "steps", "loss", "learningRate"];
const epochKeys = [
  ...["type", "epoch", "loss", "trainingAccuracy", "accuracy", "validationLoss"],
  ...["learningRate", "seconds", "rowsPerSecond"],
];

/** The lines of JSON on stdout. */
function lines(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("odot --version is the version of deno.json", async () => {
  const { code, stdout, stderr } = await run(["--version"]);
  assertEquals([code, stdout, stderr], [0, `odot ${version}\n`, ""]);
  const { default: config } = await import("../../deno.json", { with: { type: "json" } });
  assertEquals(version, config.version);
});

Deno.test("odot --help lists every command, and each has help with an example", async () => {
  const { code, stdout } = await run(["--help"]);
  assertEquals(code, 0);
  for (const name of commands.map((command) => command.name)) {
    assertMatch(stdout, new RegExp(`^  ${name} `, "m"));
    const own = await runHere([name, "--help"]);
    assertEquals([own.code, own.stderr], [0, ""]);
    assertMatch(own.stdout, /Examples\n {2}odot /);
    assertStringIncludes(own.stdout, "--json");
    assertEquals((await runHere(["help", name])).stdout, own.stdout);
  }
});

Deno.test("odot train saves a model that evaluate measures as train did", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const args = ["train", "--data", folder, ...quick, "--epochs", "5", "--seed", "3", "--json"];
    const trained = await run([...args, "--out", "m.safetensors"], { cwd: folder });
    assertEquals(trained.code, 0, trained.stderr);
    assertStringIncludes(trained.stderr, "seed 3");
    const events = lines(trained.stdout), epoch = [...Array(4).fill("step"), "epoch"];
    assertEquals(events.map(({ type }) => type), [...Array(5).fill(epoch).flat(), "result"]);
    assertEquals(Object.keys(events[6]!), stepKeys);
    assertEquals(Object.keys(events[4]!), epochKeys);
    assertEquals([events[6]!.epoch, events[6]!.step, events[6]!.steps], [2, 6, 20]);
    const result = events.at(-1)!;
    assertGreater(result.accuracy as number, 0.8);
    const measured = await run(["evaluate", "m.safetensors", "--data", folder, "--json"], {
      cwd: folder,
    });
    const found = lines(measured.stdout)[0]!;
    assertEquals([found.accuracy, found.loss], [result.accuracy, result.loss]);
    const confusion = found.confusion as number[][];
    assertEquals(confusion.flat().reduce((a, b) => a + b), 50);
    const { expectedError, brier } = found.calibration as Record<string, number>;
    assert(expectedError! >= 0 && expectedError! <= 1 && brier! >= 0 && brier! <= 2);
    assertStringIncludes(measured.stderr, "seed 3");
    assert(filesIn(folder).every((name) => !name.endsWith(".tmp")));
  });
});

Deno.test("odot train with one seed writes the same bytes, with another others", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const hashes: string[] = [];
    for (
      const [kernels, seed] of [["strict", 7], ["strict", 7], ["fast", 7], ["fast", 7], ["fast", 8]]
    ) {
      const out = `${folder}/${hashes.length}.safetensors`;
      const args = ["train", "--data", folder, ...quick, "--epochs", "2", "--out", out];
      const { code, stderr } = await run([...args, "--kernels", `${kernels}`, "--seed", `${seed}`]);
      assertEquals(code, 0, stderr);
      hashes.push(await sha256(out));
    }
    assertEquals(hashes[0], hashes[1]);
    assertEquals(hashes[2], hashes[3]);
    assertEquals(hashes[3] === hashes[4], false);
  });
});

Deno.test("odot train makes the network it is asked for", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const out = `${folder}/e.safetensors`;
    const args = ["train", "--data", folder, "--epochs", "1", "--batch", "50", "--out", out];
    const { code, stderr } = await runHere([...args, "--embed", "12", "--hidden", "6", "--bias"]);
    assertEquals(code, 0, stderr);
    const model = io.load(await Deno.readFile(out));
    assertEquals(model.config.layers, [
      { type: "linear", inputs: 784, outputs: 12, bias: true },
      { type: "bilinear", inputs: 12, outputs: 6, bias: true },
      { type: "linear", inputs: 6, outputs: 10, bias: true },
    ]);
    model[Symbol.dispose]();
    const spaces = await runHere(["decompose", out, "--space", "embedding", "--json"]);
    assertEquals(lines(spaces.stdout)[0]!.space, "embedding");
  });
});

Deno.test("odot decompose lists eigenvalues, measures ranks and saves a smaller model", async () => {
  await withModel(async (folder, model) => {
    const out = `${folder}/small.safetensors`;
    const args = ["decompose", model, "--rank", "4", "--accuracy", "--data", folder];
    const { code, stdout, stderr } = await run([...args, "--out", out, "--json"]);
    assertEquals(code, 0, stderr);
    const found = lines(stdout)[0] as {
      outputs: { eigenvalues: number[]; effectiveRank: { participation: number } }[];
      accuracyByRank: { rank: number; accuracy: number }[];
      saved: { file: string; neurons: number; relativeError: number };
    };
    assertEquals(found.outputs.map(({ eigenvalues }) => eigenvalues.length), Array(10).fill(4));
    assertEquals(found.accuracyByRank.at(-1)!.rank, 16);
    assertEquals(found.saved.file, out);
    const smaller = io.load(await Deno.readFile(out));
    assertEquals(smaller.parameters.get("0.weight")!.shape[0], 2 * found.saved.neurons);
    smaller[Symbol.dispose]();
    const one = await runHere(["decompose", model, "--output", "3"]);
    assertStringIncludes(one.stdout, "Output 3: 16 eigenvalues");
  });
});

Deno.test("odot explain gives parts that add up to the logit, and draws them", async () => {
  await withModel(async (folder, model) => {
    const svg = `${folder}/why.svg`;
    const args = ["explain", model, "--data", folder, "--index", "7", "--top", "3", "--json"];
    const { code, stdout, stderr } = await run([...args, "--svg", svg]);
    assertEquals(code, 0, stderr);
    const found = lines(stdout)[0] as {
      label: number;
      logit: number;
      evidence: { contribution: number }[];
      remainder: number;
      linear: number;
      constant: number;
    };
    assertEquals([found.label, found.evidence.length], [7, 3]);
    const sum = found.evidence.reduce((total, { contribution }) => total + contribution, 0) +
      found.remainder + found.linear + found.constant;
    assert(Math.abs(sum - found.logit) < 1e-9);
    assertMatch(await Deno.readTextFile(svg), /^<svg [^]*<\/svg>$/);
    const other = await runHere(["explain", model, "--data", folder, "--output", "2"]);
    assertStringIncludes(other.stdout, "What makes the logit of 2");
  });
});

Deno.test("odot report writes one page with the curves that the model's file remembers", async () => {
  await withModel(async (folder, model) => {
    const out = `${folder}/r.html`;
    const args = ["report", model, "--data", folder, "--out", out, "--title", "A & B", "--json"];
    const { code, stdout, stderr } = await run(args);
    assertEquals(code, 0, stderr);
    const html = await Deno.readTextFile(out);
    assertEquals(lines(stdout)[0]!.bytes, (await Deno.stat(out)).size);
    assertStringIncludes(html, "<h1>A &amp; B</h1>");
    assertStringIncludes(html, "How it learned");
  });
});

Deno.test("odot demo leaves a model and a report, and says where", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const args = ["demo", "--data", folder, "--out", "results/here", "--epochs", "2"];
    const { code, stdout, stderr } = await run(args, { cwd: folder, env: { NO_COLOR: "1" } });
    assertEquals(code, 0, stderr);
    assertEquals(filesIn(`${folder}/results/here`), ["digits.safetensors", "report.html"]);
    assertStringIncludes(stdout, `file://${await Deno.realPath(folder)}/results/here/report.html`);
    assertStringIncludes(stdout, "seed 0");
    assertEquals([stderr, stdout.includes("\x1b")], ["", false]);
    const html = await Deno.readTextFile(`${folder}/results/here/report.html`);
    assert(html.startsWith("<!DOCTYPE html>") && html.trimEnd().endsWith("</html>"));

    const again = await runHere([
      "demo",
      "--data",
      folder,
      "-o",
      folder,
      "--epochs",
      "1",
      "--json",
    ]);
    const result = lines(again.stdout).at(-1)!;
    assertEquals([result.type, result.report], ["result", `${folder}/report.html`]);
    assertStringIncludes(again.stderr, "seed 0");
  });
});
