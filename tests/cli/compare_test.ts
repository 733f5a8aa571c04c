import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { runHere } from "../support/cli.ts";
import { numbers } from "../support/numbers.ts";
import { filesIn, withFolder } from "../support/small_digits.ts";

/** Writes models whose weights move from those of one seed to those of another; says where they are. */
async function writePath(folder: string, shares: readonly number[]): Promise<string[]> {
  const paths: string[] = [];
  for (const [i, share] of shares.entries()) {
    const model = nn.sequential([nn.bilinear(5, 6), nn.linear(6, 3)]);
    const [from, to] = [numbers(1), numbers(2)];
    for (const parameter of model.parameters.values()) {
      const end = to.floats(parameter.size);
      parameter.set(
        from.floats(parameter.size).map((value, k) => (1 - share) * value + share * end[k]!),
      );
    }
    paths.push(`${folder}/step-${i}.safetensors`);
    await Deno.writeFile(paths[i]!, io.save(model));
    model[Symbol.dispose]();
  }
  return paths;
}

Deno.test("odot compare of a training in its order is a map of pairs, with its phases", async () => {
  await withFolder(async (folder) => {
    const paths = await writePath(folder, [0, 0.02, 0.04, 0.9, 0.95, 1]);
    const report = `${folder}/map.html`;
    const { code, stdout, stderr } = await runHere([
      ...["compare", ...paths, "--phases", "2", "--report", report, "--json"],
    ]);
    assertEquals(code, 0, stderr);
    const { cosines, similarity, phases, models } = JSON.parse(stdout);
    assertEquals([models, phases.starts], [paths, [0, 3]]);
    assertEquals(similarity.length, 5);
    for (let i = 0; i < 6; i++) {
      assertEquals(cosines[i][i], 1);
      for (let j = 0; j < i; j++) assertEquals(cosines[i][j], cosines[j][i]);
    }
    // every pair is what the two by themselves are, over all and for every class
    const pair = await runHere(["compare", paths[0]!, paths[4]!, "--json"]);
    const own = JSON.parse(pair.stdout).similarity;
    assertAlmostEquals(own.cosine, cosines[0][4], 1e-12);
    assertEquals(own.perOutput, similarity[3].perOutput);
    assertStringIncludes(stderr, `begin at ${paths[0]}, ${paths[3]}`);
    const html = await Deno.readTextFile(report);
    assertStringIncludes(html, "they begin at step-0, step-3");
    assertEquals(html.match(/<figure/g)!.length, 2);
  });
});

Deno.test("odot compare lists every class of two models, the most different first", async () => {
  await withFolder(async (folder) => {
    const [a, b] = await writePath(folder, [0, 0.5]);
    for (const measure of ["frobenius", "gaussian"]) {
      const { code, stdout, stderr } = await runHere([
        ...["compare", a!, b!, "--measure", measure, "--outputs", "centered"],
      ]);
      assertEquals(code, 0, stderr);
      const listed = [...stdout.matchAll(/^ {2}(\d) {6,}(−?[\d.]+)$/gm)];
      assertEquals(listed.map(([, name]) => name).sort(), ["0", "1", "2"]);
      const values = listed.map(([, , value]) => Number(value!.replace("−", "-")));
      assert(values.every((value, i) => i === 0 || value >= values[i - 1]!), stdout);
    }
    const same = await runHere(["compare", a!, a!, "--json"]);
    const { cosine, perOutput } = JSON.parse(same.stdout).similarity;
    for (const value of [cosine, ...perOutput]) assertAlmostEquals(value, 1, 1e-12);
  });
});

Deno.test("odot compare refuses what cannot be compared", async () => {
  await withFolder(async (folder) => {
    const [a, b, c] = await writePath(folder, [0, 0.5, 1]);
    const other = `${folder}/other.safetensors`;
    for (
      const [layers, message] of [
        [[nn.bilinear(4, 6), nn.linear(6, 3)], "takes 5 numbers and gives 3"],
        [[nn.bilinear(5, 6), nn.bilinear(6, 3)], "have no similarity"],
      ] as const
    ) {
      const model = nn.sequential([...layers]);
      await Deno.writeFile(other, io.save(model));
      model[Symbol.dispose]();
      const refused = await runHere(["compare", a!, b!, other, "--report", `${folder}/no.html`]);
      assertEquals(refused.code, 1);
      assertStringIncludes(refused.stderr, message);
    }
    for (
      const [args, message] of [
        [[a!], "needs two model files or more"],
        [[a!, b!, c!, "--within", "1"], "--within compares two models, and 3 were given"],
        [[a!, b!, "--phases", "3"], "there are 2 models"],
        [[a!, b!, "--measure", "l1"], "none of frobenius, gaussian"],
      ] as const
    ) {
      const refused = await runHere(["compare", ...args]);
      assertEquals(refused.code, 2, refused.stderr);
      assertStringIncludes(refused.stderr, message);
    }
    assert(!filesIn(folder).includes("no.html"));
  });
});
