import { assertEquals } from "@std/assert";
import { bytes, floats, product } from "../../src/kernels/mod.ts";
import { withBuild } from "../support/builds.ts";
import { type Block, invoke, unwritten, withCanaries } from "../support/canary.ts";
import { leakChecked } from "../support/leaks.ts";

type Floats = Float32Array<ArrayBuffer>;

const normal = (n: number, seed: number, deviation: number): Floats =>
  invoke("randomNormal", n, unwritten(n), seed, 0, 0, 0, 0, 0, deviation).after[0] as Floats;

function multiplied(
  form: "NN" | "NT",
  size: readonly [number, number, number],
  a: Block,
  b: Block,
): Floats {
  const [m, n, k] = size;
  return withCanaries([a.byteLength, b.byteLength, 4 * m * n], (...at) => {
    const [pa, pb, pc] = at as [number, number, number];
    for (const [pointer, { buffer }] of [[pa, a], [pb, b]] as const) {
      bytes(pointer, buffer.byteLength).set(new Uint8Array(buffer));
    }
    product({ type: "f32", form, m, n, k, a: pa, b: pb, c: pc });
    return floats(pc, m * n).slice();
  });
}

async function sha256(arrays: readonly Floats[]): Promise<string> {
  const all = new Uint8Array(await new Blob([...arrays]).arrayBuffer());
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all)).toHex();
}

/** A few steps through most kernels whose last bits could come out differently, on sizes with tails. */
function chain(): Floats[] {
  const [m, n, k] = [23, 37, 150];
  const x = normal(m * k, 1, 1), weight = normal(2 * n * k, 2, 0.1), gradient = normal(m * n, 3, 1);
  const halves = multiplied("NT", [m, 2 * n, k], x, weight);
  const y = invoke("bilinearForward", m, n, halves, unwritten(m * n)).after[1] as Floats;
  const p = invoke("softmaxRows", m, n, y, unwritten(m * n)).after[1] as Floats;
  const logs = invoke("log", m * n, p, unwritten(m * n)).after[1] as Floats;
  const exps = invoke("exp", m * n, p, unwritten(m * n)).after[1] as Floats;
  const gram = multiplied("NN", [m, k, m], normal(m * m, 4, 1), x);
  const noisy = invoke("addNormal", m * k, gram, 5, 6, 7, 8, 9, 0.3).after[0] as Floats;
  const sums = invoke("sumRows", m, k, noisy, unwritten(k), 0).after[1] as Floats;
  const totals = Float32Array.of(
    invoke("sum", m * k, noisy).value,
    invoke("dot", m * n, y, gradient).value,
  );
  const adamw = invoke(
    "adamw",
    m * n,
    y,
    gradient,
    new Float32Array(m * n),
    new Float32Array(m * n),
    ...[0.01, 0.995, 0.1, 0.999, 0.001, 1e-8, 31.6227766],
  ).after as Floats[];
  return [halves, p, logs, exps, noisy, sums, totals, ...adamw];
}

leakChecked("the strict build gives the same bits everywhere, as it always has", async () => {
  const digest = await sha256(withBuild("strict", chain));
  assertEquals(digest, "8870f507af38ec98a52d6ef5c9342d507d0510a44568a517e6683b5f90e057d8");
});

leakChecked("normal numbers have the bits that they have always had, in both builds", async () => {
  for (const build of ["strict", "fast"] as const) {
    const z = withBuild(build, () => normal(100_000, 42, 1));
    assertEquals(
      await sha256([z]),
      "ace32d9f6c4e14181d5f3ed2465999d26de5e02059f0c3b85804edeaf8ea88b4",
      build,
    );
  }
});
