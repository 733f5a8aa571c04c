import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { run, runHere } from "../support/cli.ts";
import { filesIn, withFolder, writeSmallDigits } from "../support/small_digits.ts";

/** Fails unless a run ended with one line `odot: …` that says all of `parts`. */
async function assertRefused(args: string[], code: number, ...parts: string[]): Promise<void> {
  const found = await runHere(args);
  assertEquals(found.code, code, `${args.join(" ")}: ${found.stderr}`);
  assertMatch(found.stderr, /^odot: [^\n]+\n$/, args.join(" "));
  for (const part of parts) assertStringIncludes(found.stderr, part);
}

Deno.test("odot refuses a wrong command line with exit code 2 and a remedy", async () => {
  await assertRefused(["trian"], 2, "there is no command trian", "did you mean train?");
  await assertRefused(["--verbose"], 2, "--verbose");
  await assertRefused(["train", "--epoch", "3"], 2, "--epoch", "did you mean --epochs?");
  await assertRefused(["train", "--zzz=1"], 2, "there is no flag --zzz", "train --help");
  await assertRefused(["train", "-x"], 2, "there is no flag -x");
  await assertRefused(["train", "--epochs"], 2, "--epochs needs a value");
  await assertRefused(["train", "--epochs", "0"], 2, `--epochs: "0"`, "whole number ≥ 1");
  await assertRefused(["train", "--epochs", "2.5"], 2, "whole number");
  await assertRefused(["train", "--seed=-1"], 2, "--seed");
  await assertRefused(["train", "--noise", "NaN"], 2, "--noise", "NaN");
  await assertRefused(["train", "--learning-rate", "Infinity"], 2, "--learning-rate");
  await assertRefused(["train", "--kernels", "slow"], 2, "fast, strict");
  await assertRefused(["train", "extra"], 2, "does not take");
  await assertRefused(["evaluate"], 2, "needs a model file");
  await assertRefused(["evaluate", "a", "b"], 2, `does not take "b"`);
  await assertRefused(["decompose", "a", "--out", "b"], 2, "--out needs --rank");
  assertEquals((await runHere([])).code, 2);
});

Deno.test("odot names the file that is missing, a folder, or no model, and what to do", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const data = ["--data", folder], file = (name: string): string => `${folder}/${name}`;
    await assertRefused(["evaluate", file("no"), ...data], 1, file("no"), "there is no such file");
    await assertRefused(["evaluate", folder, ...data], 1, "it is a folder");
    await assertRefused(["evaluate", file("t10k-labels-idx1-ubyte"), ...data], 1, "t10k-labels");
    await Deno.writeFile(file("empty"), new Uint8Array());
    await assertRefused(["decompose", file("empty")], 1, file("empty"));
    const other = io.writeSafetensors({
      w: { dtype: "F32", shape: [1], data: Float32Array.of(1) },
    });
    await Deno.writeFile(file("other"), other);
    await assertRefused(["report", file("other"), ...data], 1, file("other"), "odot.model");

    const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 2)], { seed: 1 });
    await Deno.writeFile(file("small"), io.save(model));
    await assertRefused(["evaluate", file("small"), ...data], 1, "takes 4 numbers", "784");
    await assertRefused(["decompose", file("small"), "--output", "2"], 2, "0 to 1");
    await assertRefused(["decompose", file("small"), "--space", "embedding"], 1, "embedding");
    const bytes = io.save(model);
    model[Symbol.dispose]();
    await Deno.writeFile(file("cut"), bytes.subarray(0, bytes.length - 3));
    await assertRefused(["decompose", file("cut")], 1, file("cut"));
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, NaN, true);
    await Deno.writeFile(file("nan"), bytes);
    await assertRefused(["decompose", file("nan")], 1, file("nan"), "NaN");
  });
});

Deno.test("odot explain refuses a row that does not exist", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const path = `${folder}/m`;
    const model = nn.sequential([nn.bilinear(784, 2), nn.linear(2, 10)], { seed: 1 });
    await Deno.writeFile(path, io.save(model));
    model[Symbol.dispose]();
    await assertRefused(["explain", path, "--data", folder, "--index", "50"], 2, "0 to 49");
    await assertRefused(["explain", path, "--data", folder, "--output", "10"], 2, "0 to 9");
  });
});

Deno.test("odot names damaged data before it trains", async () => {
  await withFolder(async (folder) => {
    const train = ["train", "--out", `${folder}/m`, "--data"];
    await assertRefused(
      [...train, `${folder}/none`],
      1,
      `${folder}/none`,
      "train-images-idx3-ubyte",
    );
    await writeSmallDigits(folder);
    const images = `${folder}/train-images-idx3-ubyte`, whole = await Deno.readFile(images);
    await Deno.writeFile(images, whole.subarray(0, 1000));
    await assertRefused([...train, folder], 1, "train-images-idx3-ubyte", "truncated", folder);
    await Deno.remove(images);
    await assertRefused([...train, folder], 1, images, "there is no such file");
    assert(!filesIn(folder).includes("m"));
  });
});

Deno.test("odot refuses a place it cannot write to before it trains", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const train = ["train", "--data", folder, "--epochs", "1000000", "--out"];
    await assertRefused([...train, folder], 1, "it is a folder");
    await assertRefused([...train, `${folder}/no/m`], 1, `there is no folder ${folder}/no`);
    await Deno.writeTextFile(`${folder}/file`, "text");
    await assertRefused([...train, `${folder}/file/m`], 1, "is no folder");
    await assertRefused(["demo", "--data", folder, "--out", `${folder}/file/m`], 1, "Cannot make");
    if (Deno.build.os === "linux") {
      await assertRefused([...train, "/proc/m"], 1, "Cannot write /proc/m", "--out");
    }
    const closed = `${folder}/closed`;
    await Deno.mkdir(closed);
    await Deno.chmod(closed, 0o500);
    // whoever runs as root may write anywhere, and has nothing to test here
    if (Deno.uid() !== 0) {
      await assertRefused([...train, `${closed}/m`], 1, "permission denied", "--out");
    }
    assertEquals(filesIn(closed), []);
  });
});

Deno.test("odot says that training diverged, and writes nothing", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const out = `${folder}/m`;
    await assertRefused(
      ["train", "--data", folder, "--batch", "50", "--learning-rate", "1e30", "--out", out],
      1,
      "diverged",
      "smaller learning rate",
    );
    assert(filesIn(folder).every((name) => !name.startsWith("m") && !name.endsWith(".tmp")));
  });
});

Deno.test("odot shows a stack with --debug alone", async () => {
  const plain = await run(["evaluate", "/nonexistent/m"]);
  assertEquals([plain.code, plain.stdout], [1, ""]);
  assertMatch(plain.stderr, /^odot: [^\n]+\n$/);
  const debug = await run(["evaluate", "/nonexistent/m", "--debug"]);
  assertMatch(debug.stderr, /^odot: [^\n]+\n[^]*\n {4}at /);
});
