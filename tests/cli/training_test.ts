import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runHere } from "../support/cli.ts";
import { filesIn, withFolder, writeSmallDigits } from "../support/small_digits.ts";

/** The lines of JSON on stdout. */
function lines(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

Deno.test("odot train learns a gate without data, and reads it from the weights", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/g.safetensors`;
    for (
      const [task, name] of [["xor", "XOR"], ["1001", "XNOR"], ["x-and-not-y", "x AND NOT y"]]
    ) {
      const found = await runHere(["train", "--task", task!, "--out", out]);
      assertEquals(found.code, 0, found.stderr);
      assertStringIncludes(found.stdout, `Read from the weights: ${name} (`);
      assertMatch(found.stdout, /logit 1 = .*xy/);
    }
    const json = await runHere(["train", "--task", "and", "--out", out, "--json"]);
    const gate = lines(json.stdout).at(-1)!;
    assertEquals([gate.type, gate.name, gate.table], ["gate", "AND", "0001"]);
    const silu = await runHere(["train", "--task", "and", "--gate", "silu", "--out", out]);
    assertEquals(silu.code, 0);
    assertStringIncludes(silu.stdout, "no gate can be read");
    const measured = await runHere(["evaluate", out, "--data", "and", "--json"]);
    assertEquals(lines(measured.stdout)[0]!.accuracy, 1);
    assertEquals(filesIn(folder), ["g.safetensors"]);
  });
});

Deno.test("odot train takes every optimizer, schedule and gate, and learns with each", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/g.safetensors`, train = ["train", "--task", "xor", "--out", out];
    const choices = [
      ...["adamw", "adam", "sgd", "muon"].map((word) => ["--optimizer", word]),
      ...["constant", "cosine", "warm-up", "one-cycle"].map((word) => ["--schedule", word]),
      ...["none", "relu", "gelu", "gelu-tanh", "silu", "sigmoid"].map((word) => ["--gate", word]),
      ["--clip", "1"],
      ["--smoothing", "0.1"],
    ];
    for (const choice of choices) {
      const found = await runHere([...train, ...choice, "--hidden", "8", "--json"]);
      assertEquals(found.code, 0, found.stderr);
      const result = lines(found.stdout).find(({ type }) => type === "result")!;
      assertEquals(result.accuracy, 1, choice.join(" "));
    }
    for (const wrong of [["--clip", "0"], ["--smoothing", "2"], ["--gate", "x"], ["--every=-1"]]) {
      assertEquals((await runHere([...train, ...wrong])).code, 2);
    }
  });
});

Deno.test("odot train learns a CSV file, and evaluate measures the rows that were kept", async () => {
  await withFolder(async (folder) => {
    const csv = `${folder}/points.csv`, out = `${folder}/m.safetensors`;
    const rows = Array.from({ length: 200 }, (_, i) => {
      const x = Math.sin(i * 12.9898) * 2, y = Math.cos(i * 78.233) * 2;
      return `${x.toFixed(4)},${x * y > 0 ? "same" : "other"},${y.toFixed(4)}`;
    });
    await Deno.writeTextFile(csv, ["x,kind,y", ...rows].join("\n"));
    const history = `${folder}/h.csv`;
    const args = ["--data", csv, "--label", "kind"];
    const trained = await runHere([
      ...["train", ...args, "--out", out, "--keep", "best", "--history", history, "--json"],
    ]);
    assertEquals(trained.code, 0, trained.stderr);
    const events = lines(trained.stdout), result = events.at(-1)!;
    const accuracies = events.filter(({ type }) => type === "epoch").map((e) => e.accuracy);
    assertEquals(result.accuracy, Math.max(...accuracies as number[]));
    assertGreater(result.accuracy as number, 0.9);
    const measured = await runHere(["evaluate", out, ...args, "--json"]);
    const found = lines(measured.stdout)[0]!;
    assertEquals([found.accuracy, found.count], [result.accuracy, 40]);
    assertEquals((await Deno.readTextFile(history)).split("\r\n").length, 102);
    const unlabelled = await runHere(["train", "--data", csv, "--label", "no", "--out", out]);
    assertEquals(unlabelled.code, 2);
    assertStringIncludes(unlabelled.stderr, "--label");
    const wrong = await runHere(["train", "--data", csv, "--out", out]);
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, "line 2, column 2");
    assertEquals((await runHere(["train", "--task", "xor", ...args])).code, 2);
  });
});

Deno.test("odot train --plan says what training would take, and writes nothing", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const before = filesIn(folder);
    const args = ["train", "--data", folder, "--hidden", "8", "--batch", "50", "--epochs", "3"];
    const out = ["--out", `${folder}/m.safetensors`, "--plan"];
    const { code, stdout } = await runHere([...args, ...out, "--json"]);
    assertEquals(code, 0);
    const plan = lines(stdout)[0] as Record<string, number> & { bytes: Record<string, number> };
    const parameters = 784 * 16 + 80;
    assertEquals([plan.type as unknown, plan.parameters], ["plan", parameters]);
    assertEquals(plan.bytes, {
      weights: 4 * parameters,
      gradients: 4 * parameters,
      optimizer: 8 * parameters,
      activations: 4 * 50 * (784 + 24 + 10),
    });
    assertEquals([plan.stepsPerEpoch, plan.steps], [4, 12]);
    assertEquals(plan.flopsPerStep, 2 * 50 * (2 * 784 * 16 + 3 * 80));
    assertEquals(plan.flops, 12 * plan.flopsPerStep!);
    assert(plan.seconds! > 0 && plan.seconds === 12 * plan.secondsPerStep!);
    assertStringIncludes((await runHere([...args, ...out])).stdout, "ms a step");
    assertEquals(filesIn(folder), before);
  });
});
