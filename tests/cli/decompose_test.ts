import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { load } from "../../src/edge/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import { stepsOf } from "../../src/cli/decompose_progress.ts";
import { geometric } from "../../src/cli/decompose_whole.ts";
import { command, run, runHere } from "../support/cli.ts";
import { numbers } from "../support/numbers.ts";
import { filesIn, withFolder, writeSmallDigits } from "../support/small_digits.ts";

const quick = ["--hidden", "8", "--batch", "50", "--learning-rate", "0.01", "--noise", "0.1"];

/** What `odot decompose --json` writes of a whole method. */
interface Told {
  readonly method: string;
  readonly ranks: readonly { readonly kept: number }[];
  readonly relativeError: number;
  readonly errorBound?: number;
  readonly residual?: number;
  readonly trace: readonly number[];
  readonly plan: { readonly bytes: number; readonly expectedSeconds: number };
  readonly spectra: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly accuracy: { readonly before: number; readonly after: number };
  readonly saved: { readonly file: string; readonly parameters: number };
  readonly errors: readonly { readonly rank: number; readonly relativeError: number }[];
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

/** Writes a model with random weights. */
async function writeModel(path: string, layers: readonly nn.Layer[]): Promise<void> {
  const model = nn.sequential(layers), draw = numbers(1);
  for (const parameter of model.parameters.values()) parameter.set(draw.floats(parameter.size));
  await Deno.writeFile(path, io.save(model));
  model[Symbol.dispose]();
}

const methods = [
  ["hosvd", "--rank", "10"],
  ["tucker", "--rank", "10,12"],
  ["tt", "--energy", "0.99"],
  ["cp", "--rank", "6"],
  ["dictionary", "--relative-error", "0.5"],
  ["blocks", "--rank", "5"],
  ["odt", "--accuracy-drop", "0.02"],
] as const;

Deno.test("odot decompose saves by every method a network that evaluate, explain and pack take", async () => {
  await withModel(async (folder, model) => {
    const data = ["--data", folder], out = `${folder}/small.safetensors`;
    const report = `${folder}/report.html`;
    for (const [method, ...goal] of methods) {
      const args = ["decompose", model, "--method", method, ...goal, ...data, "--json"];
      const { code, stdout, stderr } = await runHere([...args, "--out", out, "--report", report]);
      assertEquals(code, 0, `${method}: ${stderr}`);
      const told = JSON.parse(stdout) as Told;
      assertEquals([told.method, told.saved.file], [method, out]);
      assert(told.relativeError >= 0 && told.relativeError < 1);
      assert(told.relativeError <= (told.errorBound ?? 1) * (1 + 1e-9), method);
      assert(told.plan.bytes > 0 && told.plan.expectedSeconds > 0);
      assert(told.trace.every((error, i) => i === 0 || error <= told.trace[i - 1]!), method);
      assert(told.spectra.length > 0 && told.spectra.every(({ values }) => values.length > 0));
      // errors of more never rise by more than what sweeps leave
      const errors = told.errors.map(({ relativeError }) => relativeError);
      assertGreater(errors.length, 1);
      assert(errors.every((error, i) => i === 0 || error <= errors[i - 1]! + 0.05), method);
      assertStringIncludes(stderr, "relative error");

      const smaller = io.load(await Deno.readFile(out));
      const size = [...smaller.parameters.values()].reduce((sum, one) => sum + one.size, 0);
      assertEquals(size, told.saved.parameters);
      smaller[Symbol.dispose]();
      const measured = await runHere(["evaluate", out, ...data, "--json"]);
      assertEquals(JSON.parse(measured.stdout).accuracy, told.accuracy.after, method);
      const why = await runHere(["explain", out, ...data, "--index", "3", "--json"]);
      assertEquals(why.code, 0, why.stderr);
      const packed = `${folder}/packed.safetensors`;
      const small = await runHere(["pack", out, "--precision", "f16", "--out", packed]);
      assertEquals(small.code, 0, small.stderr);
      assertEquals(load(await Deno.readFile(packed)).inputs, 784);
      const html = await Deno.readTextFile(report);
      for (const title of ["How much is kept", "Spectra", "Components"]) {
        assertStringIncludes(html, `<h2>${title}</h2>`);
      }
      assert(html.includes("<image"), method);
    }
    assertEquals(filesIn(folder).filter((name) => name.includes(".tmp")), []);
  });
});

Deno.test("odot decompose keeps its goals", async () => {
  await withModel(async (folder, model) => {
    const told = async (...args: string[]): Promise<Told> => {
      const { code, stdout, stderr } = await runHere(["decompose", model, "--json", ...args]);
      assertEquals(code, 0, `${args}: ${stderr}`);
      return JSON.parse(stdout);
    };
    for (const method of ["hosvd", "tucker", "cp", "tt", "odt"]) {
      const energy = await told("--method", method, "--energy", "0.8");
      assertLess(energy.relativeError ** 2, 0.2 + 1e-9);
      const error = await told("--method", method, "--relative-error", "0.3");
      assertLess(error.relativeError, 0.3 + 1e-9);
    }
    const out = `${folder}/o.safetensors`;
    const drop = ["--accuracy-drop", "0.04", "--data", folder, "--out", out];
    const { saved } = await told(...drop) as unknown as {
      saved: { accuracy: { before: number; after: number }; rank: number };
    };
    assert(saved.accuracy.after >= saved.accuracy.before - 0.04 && saved.rank < 16);

    // no output moves by more on the unit ball than was asked for
    const logit = ["--method", "hosvd", "--logit-error", "0.5", "--radius", "1", "--out", out];
    await told(...logit);
    const whole = io.load(await Deno.readFile(model)), small = io.load(await Deno.readFile(out));
    const draw = numbers(3);
    for (let trial = 0; trial < 20; trial++) {
      const x = draw.doubles(784), length = Math.hypot(...x);
      const unit = Float32Array.from(x, (value) => value / length);
      const [a, b] = [whole.predict(unit), small.predict(unit)];
      a.forEach((value, o) => assertLess(Math.abs(value - b[o]!), 0.5));
    }
    for (const one of [whole, small]) one[Symbol.dispose]();
  });
});

Deno.test("odot decompose takes a deep network apart by odt, and says so where it is asked otherwise", async () => {
  await withFolder(async (folder) => {
    const deep = `${folder}/deep.safetensors`, out = `${folder}/smaller.safetensors`;
    await writeModel(deep, [nn.bilinear(6, 8), nn.bilinear(8, 8), nn.linear(8, 3)]);
    const args = ["decompose", deep, "--method", "odt", "--json"];
    const whole = JSON.parse((await runHere(args)).stdout) as Told;
    assertEquals([whole.relativeError, whole.ranks.length], [0, 3]);
    assertLess(whole.residual!, 1e-10);
    const each = await runHere([...args, "--rank", "4,5,3", "--out", out]);
    assertEquals(JSON.parse(each.stdout).ranks.map(({ kept }: { kept: number }) => kept), [
      4,
      5,
      3,
    ]);
    assertEquals(io.load(await Deno.readFile(out)).inputs, 6);
    const wrong = await runHere(["decompose", deep, "--method", "cp", "--rank", "2"]);
    assertEquals(wrong.code, 1);
    assertMatch(wrong.stderr, /2 bilinear layers.*--method odt takes this model/);
    const gated = `${folder}/gated.safetensors`;
    await writeModel(gated, [nn.bilinear(3, 4, { gate: "relu" }), nn.linear(4, 2)]);
    const refused = await runHere(["decompose", gated, "--method", "hosvd"]);
    assertEquals([refused.code, refused.stderr.includes("--method odt")], [1, false]);
  });
});

Deno.test("odot decompose says beforehand what long work takes, and refuses what would not fit", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/m.safetensors`;
    await writeModel(path, [nn.bilinear(40, 30), nn.linear(30, 4)]);
    for (const method of ["eigen", ...methods.map(([name]) => name)]) {
      const args = ["decompose", path, "--method", method, "--rank", "3"];
      const planned = await runHere([...args, "--plan", "--json"]);
      assertEquals(planned.code, 0, planned.stderr);
      const { plan, ...rest } = JSON.parse(planned.stdout);
      assertEquals(rest, { model: path, method });
      assertGreater(plan.flops, 0);
      assertStringIncludes(planned.stderr, `To run ${method} takes`);
      const refused = await runHere([...args, "--memory", "0.00001", "--out", `${folder}/no`]);
      assertEquals(refused.code, 1);
      assertMatch(refused.stderr, /would hold .* are allowed; allow more with --memory \d/);
      const short = await runHere(args);
      assertEquals([short.code, short.stdout.includes("To run")], [0, false], short.stderr);
    }
    assertEquals(filesIn(folder), ["m.safetensors"]);
  });
});

Deno.test("odot decompose refuses flags that do not fit together, before it reads anything", async () => {
  for (
    const [args, message] of [
      [["--method", "cp"], "needs --rank, or a goal"],
      [["--method", "svd"], "none of eigen, hosvd"],
      [["--rank", "3", "--energy", "0.9"], "--rank and --energy both say"],
      [["--energy", "0.9", "--relative-error", "0.1"], "both say how much to keep"],
      [["--energy", "0"], "> 0"],
      [["--energy", "1.5"], "≤ 1"],
      [["--logit-error", "1"], "--logit-error and --radius go together"],
      [["--radius", "1"], "go together"],
      [["--rank", "3,x"], "not a whole number"],
      [["--rank", "0"], "not a whole number"],
      [["--rank", "3,4"], "eigen takes one number"],
      [["--method", "tucker", "--rank", "3,4,5"], "one or two"],
      [["--method", "hosvd", "--output", "1"], "--output is for --method eigen"],
      [["--method", "hosvd", "--accuracy"], "--accuracy is for --method eigen"],
      [["--out", "b"], "--out needs --rank"],
      [["--space", "embedding", "--energy", "0.9"], "--energy is for eigenvectors of the input"],
      [
        ["--space", "embedding", "--rank", "2", "--out", "b"],
        "--out is for eigenvectors of the input",
      ],
      [["--space", "embedding", "--method", "odt"], "--space is for --method eigen"],
    ] as const
  ) {
    const { code, stderr } = await runHere(["decompose", "none.safetensors", ...args]);
    assertEquals([code, stderr.split("\n").length], [2, 2], `${args}: ${stderr}`);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("odot decompose names the ranks that are possible", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/m.safetensors`;
    await writeModel(path, [nn.bilinear(5, 4, { bias: false }), nn.linear(4, 3)]);
    for (
      const [args, most] of [
        [["hosvd", "--rank", "4"], "1 to 3"],
        [["tucker", "--rank", "3,6"], "1 to 5"],
        [["cp", "--rank", "999"], "1 to 15"],
        [["odt", "--rank", "1,2,3"], "give 2 whole numbers"],
      ] as const
    ) {
      const { code, stderr } = await runHere(["decompose", path, "--method", ...args]);
      assertEquals(code, 1);
      assertStringIncludes(stderr, most);
    }
  });
});

Deno.test({
  name: "odot decompose that is interrupted ends with 130 and leaves no file",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      const path = `${folder}/m.safetensors`, out = `${folder}/small.safetensors`;
      await writeModel(path, [nn.bilinear(300, 120, { bias: false }), nn.linear(120, 10)]);
      const args = ["decompose", path, "--method", "cp", "--rank", "110", "--out", out];
      const child = command([...args, "--report", `${folder}/r.html`]).spawn();
      const reader = child.stdout.getReader();
      // the plan is said before the work begins
      const { value } = await reader.read();
      assertStringIncludes(new TextDecoder().decode(value), "To run cp takes");
      child.kill("SIGINT");
      while (!(await reader.read()).done);
      await child.stderr.cancel();
      assertEquals((await child.status).code, 130);
      assertEquals(filesIn(folder), ["m.safetensors"]);
    }),
});

Deno.test("stepsOf() draws a bar on a terminal, and else says a line now and then", () => {
  const written = (isTTY: boolean): string[] => {
    const lines: string[] = [], clock = { time: 0 };
    const stream = { isTTY, columns: 80, write: (line: string) => lines.push(line) };
    const terminal = openTerminal({ stdout: stream, stderr: stream, environment: {} }, {
      json: false,
    });
    const steps = stepsOf("cp", terminal, () => clock.time);
    for (let sweep = 1; sweep <= 20; sweep++) {
      clock.time += 1000;
      steps.show(sweep, 100, 1 / sweep);
    }
    steps.clear();
    return lines;
  };
  assertEquals(
    written(false),
    [5, 10, 15, 20].map((sweep) =>
      `cp: ${sweep} of at most 100, relative error ${+(1 / sweep).toPrecision(3)}\n`
    ),
  );
  const drawn = written(true);
  assertEquals(drawn.length, 21);
  assertMatch(drawn[19]!, /^\rcp {2}━+─+ {3}20% {2}relative error 0\.05/);
});

Deno.test("geometric() goes from 1 to the most, without repeating", () => {
  for (const most of [1, 2, 5, 100, 784]) {
    const ranks = geometric(most, 10);
    assertEquals([ranks[0], ranks.at(-1)], [1, most]);
    assert(ranks.every((rank, i) => i === 0 || rank > ranks[i - 1]!));
  }
});

Deno.test("odot decompose by eigen says what --rank and --report make of every output", async () => {
  await withModel(async (folder, model) => {
    const report = `${folder}/e.html`, data = ["--data", folder];
    const args = ["decompose", model, "--energy", "0.9", ...data, "--report", report];
    const { code, stdout, stderr } = await run([...args, "--json"]);
    assertEquals(code, 0, stderr);
    const { kept, outputs } = JSON.parse(stdout);
    assertLess(kept.relativeError ** 2, 0.1 + 1e-9);
    // the shares of the outputs add up to that of the whole
    const energy = (from: number): number =>
      outputs.flatMap(({ eigenvalues }: { eigenvalues: number[] }) => eigenvalues.slice(from))
        .reduce((sum: number, value: number) => sum + value * value, 0);
    assertAlmostEquals(Math.sqrt(energy(kept.rank) / energy(0)), kept.relativeError, 1e-9);
    assertStringIncludes(stderr, "eigenvectors of every output");
    assertMatch(await Deno.readTextFile(report), /Class 0: eigenvectors of largest \|λ\|/);
    const one = await runHere(["decompose", model, "--output", "2", "--report", report]);
    assertEquals(one.code, 0, one.stderr);
    assertStringIncludes(await Deno.readTextFile(report), "Class 2: eigenvectors");
  });
});
