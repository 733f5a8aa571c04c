import { assert, assertEquals, assertLess } from "@std/assert";
import { deploy, nn } from "../../mod.ts";
import { load } from "../../src/edge/mod.ts";
import { row } from "../support/edge.ts";

/** Bytes that 100,000 calls leave on the heap of a fresh process, the garbage not collected. */
async function heapGrowth(file: string, call: string): Promise<number> {
  const program = `
    import { load } from ${JSON.stringify(new URL("../../src/edge/mod.ts", import.meta.url).href)};
    const model = load(Deno.readFileSync(${JSON.stringify(file)}));
    const x = new Float32Array(model.inputs).fill(0.5), option = { output: 1 };
    const run = (calls) => { for (let i = 0; i < calls; i++) model.${call}; };
    const bytes = model.memoryBytes;
    // code that the engine has not compiled yet boxes numbers: the best of some rounds
    let growth = Infinity;
    for (let round = 0; round < 5; round++) {
      gc();
      const before = Deno.memoryUsage().heapUsed;
      run(100_000);
      growth = Math.min(growth, Deno.memoryUsage().heapUsed - before);
    }
    console.log(growth, model.memoryBytes - bytes);
  `;
  const path = `${file}.ts`;
  await Deno.writeTextFile(path, program);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // a young generation in which 100,000 allocations would be seen, not collected
    args: [
      "run",
      "--allow-read",
      "--v8-flags=--expose-gc,--min-semi-space-size=64,--no-concurrent-recompilation",
      path,
    ],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const [growth, memory] = new TextDecoder().decode(stdout).trim().split(" ").map(Number);
  assert(growth !== undefined, new TextDecoder().decode(stderr));
  assertEquals(memory, 0);
  return growth;
}

Deno.test("predict() and explain() allocate nothing in 100,000 calls", async () => {
  const model = nn.sequential([nn.bilinear(16, 8), nn.linear(8, 3)], { seed: 1 });
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeFile(file, deploy.pack(model, { precision: "int8", eigenvectors: 4 }).bytes);
    for (const call of ["predict(x)", "explain(x)", "explain(x, option)"]) {
      // the smallest object takes 16 bytes: one a call would be 1.6 MB
      assertLess(await heapGrowth(file, call), 400_000, call);
    }
    // the check sees what it looks for
    assert(await heapGrowth(file, "predict([...x])") > 1_600_000);
  } finally {
    model[Symbol.dispose]();
    await Deno.remove(file);
    await Deno.remove(`${file}.ts`).catch(() => {});
  }
});

Deno.test("load() takes memory once, as much as the model needs", () => {
  const model = nn.sequential([nn.bilinear(784, 64), nn.linear(64, 10)], { seed: 1 });
  const sizes = (["f32", "f16", "int8"] as const).map((precision) => {
    const { bytes } = deploy.pack(model, { precision, eigenvectors: 8 });
    const small = load(bytes), before = small.memoryBytes;
    for (let i = 0; i < 100; i++) small.explain(row(784, i));
    assertEquals(small.memoryBytes, before);
    assertLess(before, bytes.length * (precision === "f16" ? 2 : 1) + 2 * 65536 + 16384);
    return before;
  });
  assertLess(sizes[2]!, sizes[0]! / 3 + 65536);
  model[Symbol.dispose]();
});
