import { assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { load } from "../../src/edge/mod.ts";
import { runHere } from "../support/cli.ts";
import { filesIn, withFolder, writeSmallDigits } from "../support/small_digits.ts";

const quick = ["--hidden", "8", "--batch", "50", "--learning-rate", "0.01", "--epochs", "2"];

Deno.test("odot pack writes a file that the edge runs, and says what changed", async () => {
  await withFolder(async (folder) => {
    await writeSmallDigits(folder);
    const model = `${folder}/m.safetensors`, data = ["--data", folder];
    assertEquals((await runHere(["train", ...data, ...quick, "-o", model])).code, 0);
    const small = ["pack", model, "--precision", "int8", "--eigenvectors", "3"];
    const { code, stdout, stderr } = await runHere([...small, ...data, "--json"]);
    assertEquals(code, 0, stderr);
    const told = JSON.parse(stdout), out = `${folder}/m.packed.safetensors`;
    assertEquals([told.out, told.precision, told.eigenvectors], [out, "int8", 3]);
    assertEquals(told.accuracy.rows, 50);
    assertEquals(told.size, (await Deno.stat(out)).size);
    assertStringIncludes(stderr, ", with 3 eigenvectors of every output.");
    assertStringIncludes(stderr, "of rows in the same class");
    const loaded = load(await Deno.readFile(out));
    assertEquals([loaded.inputs, loaded.eigenvectors], [784, 3]);
    assertLess(Math.abs(loaded.explain(new Float32Array(784)).logit), 100);

    const one = await runHere(["pack", model, "--eigenvectors", "1", "-o", `${folder}/one`]);
    assertStringIncludes(one.stdout, ", with 1 eigenvector of every output.");
    const plain = await runHere(["pack", model, "-o", `${folder}/plain.safetensors`]);
    assertEquals(plain.code, 0, plain.stderr);
    assertStringIncludes(plain.stdout, "The weights are the same.");
    const before = filesIn(folder);
    for (
      const [wrong, message] of [
        [["--out", model], "which would be lost"],
        [["--precision", "int4"], "none of f32, f16, int8"],
        [["--eigenvectors", "-1"], "whole number"],
        [["--label", "x"], "no --data"],
      ] as const
    ) {
      const refused = await runHere(["pack", model, ...wrong]);
      assertEquals(refused.code, 2, refused.stderr);
      assertStringIncludes(refused.stderr, message);
    }
    assertEquals(filesIn(folder), before);
    const again = await runHere(["evaluate", out, ...data]);
    assertEquals(again.code, 1);
    assertStringIncludes(again.stderr, "packed for the edge");
  });
});
