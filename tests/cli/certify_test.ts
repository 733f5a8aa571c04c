import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { dataset } from "../../src/data/mod.ts";
import { classPairs } from "../../src/guarantee/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { meter } from "../../src/cli/meter.ts";
import { drawnRows } from "../../src/cli/certify_rows.ts";
import { survey } from "../../src/cli/certify_survey.ts";
import { decide } from "../../src/cli/certify_verdicts.ts";
import type { Interrupt } from "../../src/cli/interrupt.ts";
import { openTerminal, type Terminal } from "../../src/cli/terminal.ts";
import { runHere } from "../support/cli.ts";
import { numbers } from "../support/numbers.ts";
import { filesIn, withFolder, writeSmallDigits } from "../support/small_digits.ts";
import { parse } from "../report/markup.ts";

const quick = ["--hidden", "8", "--batch", "50", "--learning-rate", "0.01", "--noise", "0.1"];

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

/** The only object on stdout. */
function only(stdout: string): Record<string, unknown> {
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.length, 1);
  return JSON.parse(lines[0]!);
}

function quiet(isTTY = false): { terminal: Terminal; lines: string[] } {
  const lines: string[] = [];
  const stream = { isTTY, columns: 100, write: (line: string) => lines.push(line) };
  return {
    terminal: openTerminal({ stdout: stream, stderr: stream, environment: {} }, { json: false }),
    lines,
  };
}

/** Ctrl-C at a look at the keyboard. */
function interruptAt(look: number): Interrupt {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    breathe: () => {
      if (look-- === 0) controller.abort();
      return Promise.resolve();
    },
    release: () => {},
  };
}

Deno.test("odot certify gives exact radii, attacks, a table and a page", async () => {
  await withModel(async (folder, model) => {
    const [out, csv, proofs] = ["c.html", "c.csv", "proofs"].map((name) => `${folder}/${name}`);
    const args = ["certify", model, "--data", folder, "--count", "20", "--seed", "4", "--json"];
    const files = ["--out", out!, "--csv", csv!, "--certificates", proofs!];
    const { code, stdout, stderr } = await runHere([...args, ...files]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "seed 4");
    assertStringIncludes(stderr, "Median exact radius");
    const found = only(stdout) as {
      rows: number;
      violations: number;
      intervalFactor: number;
      medianRadius: number;
      certificates: number;
      curve: { radius: number; certified: number; attacked: number }[];
    };
    assertEquals([found.rows, found.violations], [20, 0]);
    assert(found.intervalFactor > 1 && found.medianRadius > 0);
    assert(found.curve.length > 2);
    found.curve.forEach(({ certified, attacked }, i) => {
      assert(certified <= attacked, "attack below certificate");
      if (i > 0) assert(certified <= found.curve[i - 1]!.certified);
    });
    const rows = (await Deno.readTextFile(csv!)).trimEnd().split("\n").map((line) =>
      line.split(",")
    );
    assertEquals(rows[0], ["row", "label", "predicted", "radius", "proven", "rival"]);
    assertEquals(rows.length, 21);
    for (const [row, label, , radius, proven] of rows.slice(1)) {
      assertEquals(Number(row) % 10, Number(label));
      assert(Number(proven) <= Number(radius));
    }
    const html = await Deno.readTextFile(out!);
    parse(html.replace(/<style>[^<]*<\/style>/, "").trim());
    assertStringIncludes(html, "The smallest changes that matter");
    // every certificate in the folder holds, and the checker finds its row by itself
    assertEquals(filesIn(proofs!).length, found.certificates);
    const checked = await runHere(["check", proofs!, model, "--data", folder]);
    assertEquals(checked.code, 0, checked.stdout);
    assertStringIncludes(checked.stdout, `${found.certificates} of ${found.certificates}`);
    const again = await runHere(args);
    assertEquals(only(again.stdout).medianRadius, found.medianRadius);
    const own = await runHere([...args, "--radii", "0.5,0,0.1"]);
    const curve = only(own.stdout).curve as { radius: number }[];
    assertEquals(curve.map(({ radius }) => radius), [0, 0.1, 0.5]);
  });
});

Deno.test("odot certify answers for one row with an exit code, and odot check verifies it", async () => {
  await withModel(async (folder, model) => {
    const proof = `${folder}/row.json`, base = ["certify", model, "--data", folder, "--index", "7"];
    const exact = only((await runHere([...base, "--json"])).stdout) as Record<string, number>;
    assert(exact.lower! > 0 && exact.lower! <= exact.radius!);
    const text = await runHere(base);
    assertMatch(text.stdout, /Row 7 keeps 7 within the exact L2 radius/);

    const held = await runHere([
      ...base,
      "--radius",
      `${0.9 * exact.lower!}`,
      "--certificates",
      proof,
    ]);
    assertEquals(held.code, 0, held.stderr);
    assertStringIncludes(held.stdout, "certified: row 7");
    const lost = await runHere([...base, "--radius", `${1.01 * exact.radius!}`, "--json"]);
    const refuted = only(lost.stdout) as { verdict: string; point: number[]; distance: number };
    assertEquals([lost.code, refuted.verdict], [3, "refuted"]);
    using network = io.load(await Deno.readFile(model));
    const logits = [...network.predict(refuted.point)];
    assert(logits.indexOf(Math.max(...logits)) !== 7);
    assertAlmostEquals(refuted.distance, exact.radius!, 0.011 * exact.radius!);
    const middle = (exact.lower! + 2 * exact.radius!) / 3;
    const unsure = await runHere([...base, "--radius", `${middle}`]);
    assert(unsure.code === 4 || unsure.code === 3, unsure.stdout);

    // with the row, without it, and with the numbers in a file
    const check = (...more: string[]) => runHere(["check", proof, model, ...more]);
    assertEquals((await check("--data", folder, "--json")).code, 0);
    assertEquals((await check("--data", folder, "--index", "7")).code, 0);
    const other = await check("--data", folder, "--index", "8");
    assertEquals(other.code, 4);
    assertStringIncludes(other.stdout, "another input");
    const pixels = exact.change as unknown as number[];
    await Deno.writeTextFile(`${folder}/x.txt`, JSON.stringify(pixels));
    assertEquals((await check("--input", `${folder}/x.txt`)).code, 4);

    // a certificate that claims more, and a model with another weight
    const certificate = JSON.parse(await Deno.readTextFile(proof));
    await Deno.writeTextFile(proof, JSON.stringify({ ...certificate, radius: exact.radius }));
    const forged = await check("--data", folder);
    assertEquals(forged.code, 4);
    assertStringIncludes(forged.stdout, "digest");
    await Deno.writeTextFile(proof, JSON.stringify(certificate));
    const bytes = await Deno.readFile(model);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(`${folder}/other.safetensors`, bytes);
    const swapped = await runHere([
      "check",
      proof,
      `${folder}/other.safetensors`,
      "--data",
      folder,
    ]);
    assertEquals(swapped.code, 4);
    assertStringIncludes(swapped.stdout, "another model");
  });
});

Deno.test("odot certify writes proofs of limits and boxes, and odot check verifies them", async () => {
  await withModel(async (folder, model) => {
    const limit = ["certify", model, "--output", "3", "--within", "2", "--at-most", "1e5"];
    const verify = (proof: string, ...more: string[]) => runHere(["check", proof, model, ...more]);
    assertEquals((await runHere([...limit, "--certificates", `${folder}/all.json`])).code, 0);
    const all = await verify(`${folder}/all.json`, "--data", `${folder}/nowhere`);
    assertEquals(all.code, 0, all.stderr);
    assertStringIncludes(
      all.stdout,
      "output 3 never exceeds 100,000 within L2 radius 2 of the origin",
    );
    const row = [...limit, "--data", folder, "--index", "7", "--certificates", `${folder}/limits`];
    assertEquals((await runHere(row)).code, 0);
    const about = await verify(`${folder}/limits`, "--data", folder, "--json");
    assertEquals([about.code, only(about.stdout).kind, only(about.stdout).row], [0, "limit", 7]);

    const proof = `${folder}/box.json`;
    const box = ["certify", model, "--data", folder, "--index", "7", "--norm", "linf", "--radius"];
    const held = await runHere([...box, "1e-4", "--pixels", "--certificates", proof]);
    assertEquals(held.code, 0, held.stdout);
    const checked = await verify(proof, "--data", folder);
    assertEquals(checked.code, 0, checked.stdout);
    assertStringIncludes(checked.stdout, "within L∞ radius 10⁻⁴ and values of 0 to 1");
    const file = JSON.parse(await Deno.readTextFile(proof));
    await Deno.writeTextFile(proof, JSON.stringify({ ...file, radius: 1e-5 }));
    assertEquals((await verify(proof, "--data", folder)).code, 4);
    assertEquals((await runHere([...box.with(7, "l1"), "1e-4", "--certificates", proof])).code, 2);
  });
});

Deno.test("odot certify decides many rows in every norm, and ends with 0", async () => {
  await withModel(async (folder, model) => {
    for (
      const [norm, radius, more] of [["l2", "0.3", []], ["linf", "0.01", ["--pixels"]]] as const
    ) {
      const csv = `${folder}/${norm}.csv`;
      const args = ["certify", model, "--data", folder, "--count", "6", "--norm", norm, ...more];
      const run = await runHere([...args, "--radius", radius, "--csv", csv, "--json"]);
      assertEquals(run.code, 0, run.stderr);
      const found = only(run.stdout) as Record<string, number>;
      assertEquals(found.certified! + found.refuted! + found.unknown!, 6);
      assert(found.certified! > 0, run.stderr);
      assertEquals((await Deno.readTextFile(csv)).trimEnd().split("\n").length, 7);
    }
    const base = ["certify", model, "--data", folder, "--index", "3", "--norm", "l1", "--radius"];
    assertEquals((await runHere([...base, "0.2"])).code, 0);
    assertEquals((await runHere([...base, "500"])).code, 3);
  });
});

Deno.test("odot certify bounds an output for every input of a length, without data", async () => {
  await withFolder(async (folder) => {
    using model = nn.sequential([
      nn.bilinear(2, 1, { bias: false }),
      nn.linear(1, 1, { bias: false }),
    ]);
    model.assign({ "0.weight": [1, 0, 0, 1], "1.weight": [1] }); // x·y: ½ at most on the unit ball
    const path = `${folder}/product`;
    await Deno.writeFile(path, io.save(model));
    const ask = (...args: string[]) =>
      runHere(["certify", path, "--output", "0", "--within", "1", "--json", ...args]);
    const most = await ask("--at-most", "0.51"), least = await ask("--at-least", "-0.51");
    assertEquals([most.code, least.code], [0, 0], most.stderr);
    assertStringIncludes(most.stderr, "never exceeds 0.51 for every input of length 1 or less");
    const broken = await ask("--at-most", "0.4"),
      answer = only(broken.stdout) as { point: number[] };
    assertEquals(broken.code, 3);
    assert(answer.point[0]! * answer.point[1]! > 0.4);
    assertEquals((await ask("--at-most", "0.5")).code, 4);
    const classes = await runHere(["certify", path, "--data", "xor"]);
    assertEquals(classes.code, 1, classes.stderr); // one output for two classes
  });
});

Deno.test("odot certify and check refuse what makes no sense, and say what would", async () => {
  await withModel(async (folder, model) => {
    const refused = async (code: number, args: string[], ...parts: string[]): Promise<void> => {
      const found = await runHere(args);
      assertEquals(found.code, code, `${args.join(" ")}: ${found.stdout}${found.stderr}`);
      for (const part of parts) assertStringIncludes(found.stderr, part);
    };
    const base = ["certify", model, "--data", folder];
    await refused(2, [...base, "--norm", "linf"], "--norm linf needs --radius");
    await refused(2, [...base, "--radius", "-1"], "≥ 0");
    await refused(2, [...base, "--radius", "NaN"], "--radius");
    await refused(2, [...base, "--radius", "1", "--pixels"], "--pixels");
    await refused(2, [...base, "--radius", "1", "--out", "x.html"], "--out");
    await refused(2, [...base, "--radii", "1,x"], "no list of numbers");
    await refused(2, [...base, "--at-most", "1"], "--output");
    await refused(2, [...base, "--at-most", "1", "--output", "0"], "--within");
    await refused(2, [...base, "--within", "1"], "--at-most");
    await refused(2, [...base, "--index", "50"], "0 to 49");
    await refused(2, [...base, "--index", "1", "--count", "2"], "--count");
    await refused(
      2,
      [...base, "--radius", "1", "--norm", "l1", "--certificates", `${folder}/p`],
      "L1 balls",
    );
    await refused(1, [...base, "--csv", `${folder}/no/x.csv`], "x.csv", "no folder");
    await refused(2, [...base, "--index", "1", "--csv", `${folder}/x.csv`], "--radius");

    // layers without an exact form
    using gated = nn.sequential([nn.bilinear(784, 4, { gate: "relu" }), nn.linear(4, 10)]);
    using deep = nn.sequential([nn.bilinear(784, 4), nn.bilinear(4, 4), nn.linear(4, 10)]);
    for (const [name, network] of [["gated", gated], ["deep", deep]] as const) {
      await Deno.writeFile(`${folder}/${name}`, io.save(network));
      await refused(
        1,
        ["certify", `${folder}/${name}`, "--data", folder],
        "exact radii",
        "--radius",
      );
      const base = ["certify", `${folder}/${name}`, "--data", folder, "--index", "0"];
      await refused(2, [...base, "--radius", "0.1", "--norm", "linf"], "L2 balls alone");
    }

    await refused(2, ["check", "a"], "a certificate and a model file");
    await refused(2, ["check", "a", "b", "c"], `does not take "c"`);
    await refused(1, ["check", `${folder}/none.json`, model, "--data", folder], "no such file");
    await Deno.writeTextFile(`${folder}/bad.json`, "{");
    await refused(1, ["check", `${folder}/bad.json`, model, "--data", folder], "no JSON");
    await Deno.writeTextFile(`${folder}/list.json`, "[1]");
    await refused(1, ["check", `${folder}/list.json`, model, "--data", folder], "item 0");
    for (const nothing of ["null", "7", "{}", `{"format":"odot.certificate"}`]) {
      await Deno.writeTextFile(`${folder}/x.json`, nothing);
      const found = await runHere([
        "check",
        `${folder}/x.json`,
        model,
        "--index",
        "0",
        "--data",
        folder,
      ]);
      assertEquals(found.code, 4, found.stderr);
    }
    await refused(1, ["check", `${folder}/x.json`, model, "--data", folder], "no row");
  });
});

Deno.test("odot certify bounds networks without an exact form, or says it does not know", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const path = `${folder}/gated`, more = ["--gate", "silu", "--epochs", "5", "-o", path];
    const made = await runHere(["train", "--data", folder, ...quick, ...more]);
    assertEquals(made.code, 0, made.stderr);
    const base = ["certify", path, "--data", folder, "--json", "--radius"];
    const verdicts = new Map<string, number>();
    for (const radius of ["1e-4", "0.3", "1", "50"]) {
      const run = await runHere([...base, radius, "--index", "0"]);
      const found = only(run.stdout) as { verdict: string; point: number[] };
      const code = { certified: 0, refuted: 3, unknown: 4 }[found.verdict];
      assertEquals(run.code, code, run.stderr);
      verdicts.set(found.verdict, Number(radius));
      if (found.verdict !== "refuted") continue;
      using model = io.load(await Deno.readFile(path));
      const logits = [...model.predict(found.point)];
      assert(logits.indexOf(Math.max(...logits)) !== 0);
    }
    assertEquals([...verdicts.keys()].slice(0, 1), ["certified"]);
    assertEquals(verdicts.get("refuted"), 50);
    const many = only((await runHere([...base, "1e-4", "--count", "5"])).stdout);
    assertEquals([many.type, many.rows], ["verdicts", 5]);
  });
});

Deno.test("odot compare proves equivalence, refutes it, and says how far models are apart", async () => {
  await withFolder(async (folder) => {
    using a = nn.sequential([nn.bilinear(6, 5), nn.linear(5, 3)], { seed: 1 });
    using b = nn.sequential([nn.bilinear(6, 5), nn.linear(5, 3)], { seed: 1 });
    using wide = nn.sequential([nn.bilinear(7, 5), nn.linear(5, 3)], { seed: 1 });
    const weight = [...b.parameters.get("1.weight")!.toArray()];
    weight[0]! += 0.01;
    b.assign({ "1.weight": weight });
    const [first, second, third] = ["a", "b", "w"].map((name) => `${folder}/${name}`);
    for (const [path, model] of [[first, a], [second, b], [third, wide]] as const) {
      await Deno.writeFile(path!, io.save(model));
    }
    const compare = (...args: string[]) => runHere(["compare", ...args, "--json"]);
    const same = only((await compare(first!, first!)).stdout) as { similarity: { cosine: number } };
    assertAlmostEquals(same.similarity.cosine, 1, 1e-12);
    const apart = await compare(first!, second!, "--within", "2");
    const { difference } = only(apart.stdout) as {
      difference: { bound: number; worst: number; input: number[] };
    };
    const [left, right] = [a, b].map((model) => model.predict(difference.input));
    const seen = Math.max(...left!.map((y, o) => Math.abs(y - right![o]!)));
    assertAlmostEquals(seen, difference.bound, 1e-4 * difference.bound);
    const within = (tolerance: number) =>
      compare(first!, second!, "--within", "2", "--tolerance", `${tolerance}`);
    assertEquals((await within(1.01 * difference.bound)).code, 0);
    assertEquals((await within(0.9 * difference.bound)).code, 3);
    assertEquals((await compare(first!, third!)).code, 1);
    assertEquals((await compare(first!, second!, "--tolerance", "1")).code, 2);
    assertEquals((await compare(first!)).code, 2);
  });
});

Deno.test("odot train --certify widens radii, remembers it, and refuses gates", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const median = async (...more: string[]): Promise<number> => {
      const model = `${folder}/m`;
      const args = ["train", "--data", folder, ...quick, "--epochs", "16", "-o", model, ...more];
      const made = await runHere(args);
      assertEquals(made.code, 0, made.stderr);
      const { metadata } = io.readSafetensors(await Deno.readFile(model));
      assertEquals(
        JSON.parse(metadata["odot.training"]!).certify,
        more.length > 0 ? Number(more[1]) : undefined,
      );
      const run = await runHere(["certify", model, "--data", folder, "--radii", "0", "--json"]);
      return only(run.stdout).medianRadius as number;
    };
    const plain = await median(), wider = await median("--certify", "3");
    assert(wider > 1.02 * plain, `${wider} after ${plain}`);
    const gated = await runHere(["train", "--task", "xor", "--gate", "relu", "--certify", "1"]);
    assertEquals(gated.code, 2);
    assertStringIncludes(gated.stderr, "--gate");
  });
});

Deno.test("survey() and decide() stop at Ctrl-C with what was done", async () => {
  using model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 2 });
  const source = dataset({
    inputs: numbers(1).floats(4 * 300),
    labels: Array.from({ length: 300 }, (_, i) => i % 3),
  });
  const pairs = classPairs(model), rows = drawnRows(source, 300, 5);
  assertEquals(new Set(rows.indices).size, 300);
  const options = { seed: 0, examples: true, certificates: true };
  for (
    const [look, done, where] of [
      [0, 0, "exact radii, after 0 of 300"],
      [1, 256, "exact radii, after 256 of 300"],
      [2, 300, "intervals, after 0 of 200"],
      [6, 300, "attacks of"],
    ] as const
  ) {
    const { terminal } = quiet();
    const found = await survey(pairs, rows, undefined, options, {
      terminal,
      interrupt: interruptAt(look),
    });
    assertEquals([found.done, found.radius.length, found.certificates.length], [done, done, 0]);
    assertStringIncludes(found.interrupted!, where);
    assertEquals(found.examples, undefined);
  }
  const { terminal } = quiet();
  const question = { norm: "l2", radius: 1e-3, seconds: 0, seed: 0 } as const;
  const cut = await decide(pairs, rows, question, { terminal, interrupt: interruptAt(0) });
  assertEquals([cut.interrupted, cut.rows.length], [true, 0]);
  const whole = await decide(pairs, drawnRows(source, 9, 1), question, {
    terminal,
    interrupt: interruptAt(-1),
  });
  assertEquals([whole.interrupted, whole.rows.length], [false, 9]);
});

Deno.test("meter() draws a bar with rate and time left, or a line now and then", () => {
  for (const isTTY of [true, false]) {
    const { terminal, lines } = quiet(isTTY);
    let now = 0;
    const shown = meter(terminal, { label: "work", total: 60, unit: "rows" }, () => now);
    for (let done = 1; done <= 60; done++) {
      now += 500;
      shown.at(done);
    }
    shown.end();
    assertEquals(lines.length, isTTY ? 61 : 5, lines.join("|"));
    assertStringIncludes(
      lines[1]!,
      isTTY ? "0:29 left  2 rows/s" : "20 of 60 rows, 2 rows/s, 0:20 left",
    );
  }
});
