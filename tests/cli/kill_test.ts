import { assert, assertEquals } from "@std/assert";
import { withFolder } from "../support/small_digits.ts";
import { killTrainings, numbersFrom } from "./kill_support.ts";

Deno.test("odot train survives SIGKILL at any moment, and ends with the same bytes", async () => {
  await withFolder(async (folder) => {
    const found = await killTrainings(folder, { kills: 25, random: numbersFrom(1) });
    assertEquals(found.problems, []);
    assertEquals([found.survived, found.equal], [found.killed, found.finished]);
    assert(found.killed >= 25 && found.finished >= 1);
    // all that is left are the models: no checkpoint, no half-written file
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assertEquals(left.filter((name) => !/^(whole|t\d+)\.safetensors$/.test(name)), []);
  });
});
