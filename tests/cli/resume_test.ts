import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as io from "../../src/io/mod.ts";
import { command, run, runHere } from "../support/cli.ts";
import { filesIn, withFolder } from "../support/small_digits.ts";
import { sha256 } from "./kill_support.ts";

/** The lines of JSON on stdout. */
function lines(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** A training that can be stopped anywhere, and what it must give. */
const small = [
  ...["train", "--task", "modular-addition:7", "--hidden", "8", "--batch", "8"],
  ...["--epochs", "40", "--kernels", "strict"],
];

Deno.test("odot train stops when its time is up, saves, and goes on to the same bytes", async () => {
  await withFolder(async (folder) => {
    const file = (name: string): string => `${folder}/${name}`;
    const whole = [...small, "--out", file("whole")], parts = [...small, "--out", file("parts")];
    const histories = [["--history", file("a.jsonl")], ["--history", file("b.jsonl")]] as const;
    assertEquals((await runHere([...whole, ...histories[0]])).code, 0);
    let found = await runHere([...parts, "--seconds", "0"]), runs = 1;
    assertEquals(found.code, 0, found.stderr);
    assertStringIncludes(found.stdout, "Time is up in epoch 1, after step 0 of");
    assertEquals(filesIn(folder), ["a.jsonl", "parts", "parts.checkpoint", "whole"]);
    while (filesIn(folder).includes("parts.checkpoint")) {
      const seconds = runs < 6 ? ["--seconds", "0.01"] : [];
      found = await runHere([...parts, "--resume", ...seconds, ...histories[1]]);
      assertEquals(found.code, 0, found.stderr);
      assertStringIncludes(found.stdout, "Going on from");
      runs++;
    }
    assertEquals(await sha256(file("parts")), await sha256(file("whole")));
    const epochs = (text: string): unknown[] =>
      lines(text).map((row) => ({ ...row, seconds: 0, rowsPerSecond: 0 }));
    assertEquals(
      epochs(await Deno.readTextFile(file("b.jsonl"))),
      epochs(await Deno.readTextFile(file("a.jsonl"))),
    );
  });
});

Deno.test("odot train --resume refuses other settings and data, and what is no checkpoint", async () => {
  await withFolder(async (folder) => {
    const args = [...small, "--out", `${folder}/m`], checkpoint = `${folder}/m.checkpoint`;
    const refuse = async (more: string[], said: string): Promise<void> => {
      const { code, stderr } = await runHere([...args, "--resume", ...more]);
      assertEquals(code, 1, more.join(" "));
      assertMatch(stderr, /^odot: [^\n]+\n$/);
      assertStringIncludes(stderr, said);
    };
    await refuse([], "there is no such file; nothing was interrupted here");
    assertEquals((await runHere([...args, "--seconds", "0"])).code, 0);
    const bytes = await Deno.readFile(checkpoint);
    await refuse(["--batch", "9"], "settings.batchSize was 8 and is now 9");
    await refuse(["--seed", "1"], "settings.seed was 0 and is now 1");
    await refuse(["--task", "modular-addition:8"], "model.layers.0.inputs was 14 and is now 16");
    await refuse(["--optimizer", "sgd"], 'optimizer.type was "adamw" and is now "sgd"');
    await refuse(["--clip", "1"], "optimizer.clip.norm was absent and is now 1");
    await refuse(["--schedule", "constant"], "schedule.type");
    await refuse(["--kernels", "fast"], 'settings.kernels was "strict"');
    await refuse(["--keep", "best"], 'settings.keep was "last"');
    assertEquals(await Deno.readFile(checkpoint), bytes);
    await Deno.writeFile(checkpoint, bytes.subarray(0, bytes.length / 2));
    await refuse([], checkpoint);
    await Deno.copyFile(`${folder}/m`, checkpoint);
    await refuse([], "it is no checkpoint");
  });
});

Deno.test("odot train keeps the checkpoint of an earlier training when a new one begins", async () => {
  await withFolder(async (folder) => {
    const args = [...small, "--out", `${folder}/m`];
    assertEquals((await runHere([...args, "--seconds", "0"])).code, 0);
    const bytes = await Deno.readFile(`${folder}/m.checkpoint`);
    const { code, stdout } = await runHere([...args, "--seed", "2"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "it is now");
    assertEquals(await Deno.readFile(`${folder}/m.checkpoint.old`), bytes);
    assertEquals(filesIn(folder), ["m", "m.checkpoint.old"]);
  });
});

/** Runs until a line on stdout says what is wanted, then does `then`, and waits for the end. */
async function interruptAfter(
  args: string[],
  wanted: RegExp,
  then: (process: Deno.ChildProcess) => unknown,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const process = command(args).spawn();
  const errors = new Response(process.stderr).text();
  const decoder = new TextDecoder();
  let stdout = "", done = false;
  for await (const part of process.stdout) {
    stdout += decoder.decode(part, { stream: true });
    if (!done && wanted.test(stdout)) {
      done = true;
      await then(process);
    }
  }
  return { code: (await process.status).code, stdout, stderr: await errors };
}

Deno.test("odot train on Ctrl-C exits with 130, leaves a checkpoint, and goes on to the same bytes", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/m.safetensors`, checkpoint = `${folder}/m.checkpoint.safetensors`;
    const args = [...small, "--epochs", "3000"];
    await Deno.writeTextFile(out, "an older model");
    const found = await interruptAfter(
      [...args, "--out", out, "--json"],
      /"type":"epoch","epoch":2,/,
      (process) => process.kill("SIGINT"),
    );
    assertEquals(found.code, 130, found.stderr);
    const events = lines(found.stdout);
    const [stop, interrupted] = events.slice(-2) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    assertEquals([stop.type, stop.reason], ["stop", "aborted"]);
    assertEquals([interrupted.type, interrupted.checkpoint], ["interrupted", checkpoint]);
    assertEquals(await Deno.readTextFile(out), "an older model");
    assertEquals(filesIn(folder), ["m.checkpoint.safetensors", "m.safetensors"]);
    const measured = await runHere(["evaluate", checkpoint, "--data", "modular-addition:7"]);
    assertEquals(measured.code, 0, measured.stderr);
    assertStringIncludes(measured.stdout, "stopped in epoch");
    assertEquals((await run([...args, "--out", out, "--resume"])).code, 0);
    assertEquals((await run([...args, "--out", `${folder}/whole`])).code, 0);
    assertEquals(await sha256(out), await sha256(`${folder}/whole`));
  });
});

Deno.test("odot train says where a training that diverged can be found", async () => {
  await withFolder(async (folder) => {
    const args = ["train", "--task", "xor", "--optimizer", "sgd", "--learning-rate", "1000"];
    const { code, stderr } = await runHere([...args, "--out", `${folder}/m`, "--every", "0"]);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^odot: Training diverged: .*step \d+; .*smaller learning rate.*--clip 1\. The last good checkpoint, of step (\d+), is .*\/m\.checkpoint\n$/,
    );
    assertEquals(filesIn(folder), ["m.checkpoint"]);
    using model = io.load(await Deno.readFile(`${folder}/m.checkpoint`));
    for (const parameter of model.parameters.values()) {
      assert(parameter.toArray().every(Number.isFinite));
    }
  });
});

Deno.test("odot train goes on where checkpoints cannot be written, and says so once", async () => {
  await withFolder(async (folder) => {
    const place = `${folder}/place`, out = `${folder}/m`;
    await Deno.mkdir(place);
    const found = await interruptAfter(
      [
        ...[...small, "--epochs", "200", "--every", "0", "--json"],
        ...["--checkpoint", `${place}/c`, "--out", out],
      ],
      /"type":"epoch","epoch":2,/,
      // renamed, not removed: that cannot meet a file being written
      () => Deno.rename(place, `${folder}/gone`),
    );
    await Deno.remove(`${folder}/gone`, { recursive: true });
    assertEquals(found.code, 0, found.stderr);
    assertEquals(found.stderr.split("Cannot write").length, 2);
    assertMatch(
      found.stderr,
      /Cannot write .*\/c: .*--checkpoint.* Training goes on; the checkpoint of step \d+ is as it was/,
    );
    assertEquals(filesIn(folder), ["m"]);
    assertEquals(lines(found.stdout).filter(({ type }) => type === "checkpointFailed").length, 1);
  });
});

Deno.test("odot train loses nothing where the model cannot be written", async () => {
  await withFolder(async (folder) => {
    const place = `${folder}/place`, checkpoint = `${folder}/c`, out = `${folder}/m`;
    await Deno.mkdir(place);
    const args = [...small, "--epochs", "200", "--checkpoint", checkpoint];
    const found = await interruptAfter(
      [...args, "--json", "--out", `${place}/m`],
      /"type":"epoch","epoch":2,/,
      () => Deno.remove(place, { recursive: true }),
    );
    assertEquals(found.code, 1);
    assertStringIncludes(found.stderr, `Nothing is lost: ${checkpoint} with --resume`);
    assertEquals((await runHere([...args, "--resume", "--out", out])).code, 0);
    assertEquals(
      (await runHere([...small, "--epochs", "200", "--out", `${folder}/whole`])).code,
      0,
    );
    assertEquals(await sha256(out), await sha256(`${folder}/whole`));
  });
});

Deno.test("odot train goes on where the disk takes no more, and keeps the last good checkpoint", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withFolder(async (folder) => {
    const checkpoint = `${folder}/m.checkpoint`;
    const args = [...small, "--every", "0", "--out", `${folder}/m`];
    assertEquals((await run([...args, "--seconds", "0"])).code, 0);
    const before = await Deno.readFile(checkpoint);
    // no file may be larger than 3 blocks of 1024 bytes, which no checkpoint is
    const { code, stderr } = await run([...args, "--resume"], { fileBlocks: 3 });
    assertEquals(code, 1);
    assertEquals(stderr.split("\n").length, 2);
    assertStringIncludes(stderr, "the file would be larger than is allowed");
    assertEquals(await Deno.readFile(checkpoint), before);
    assertEquals(filesIn(folder).filter((name) => name !== "m"), ["m.checkpoint"]);
    assertEquals((await run([...args, "--resume"])).code, 0);
    assertEquals((await run([...args.slice(0, -1), `${folder}/whole`])).code, 0);
    assertEquals(await sha256(`${folder}/m`), await sha256(`${folder}/whole`));
  });
});
