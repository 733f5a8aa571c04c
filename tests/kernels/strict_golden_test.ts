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
    "adam",
    m * n,
    y,
    gradient,
    new Float32Array(m * n),
    new Float32Array(m * n),
    ...[0, 0.01, 0.995, 0, 0.1, 0.999, 0.001, 1e-8, 31.6227766],
  ).after as Floats[];
  return [halves, p, logs, exps, noisy, sums, totals, ...adamw];
}

/** The kernels of gated, normalised and attending layers and of their optimizers, likewise. */
function gatedChain(): Floats[] {
  const [m, n] = [23, 34], x = normal(m * n, 11, 3), g = normal(m * n, 12, 1);
  const at = Int32Array.from({ length: m }, (_, i) => (7 * i) % 5), found: Floats[] = [];
  const run = (...parameters: Parameters<typeof invoke>): void => {
    found.push(...invoke(...parameters).after.filter((one) => one instanceof Float32Array));
  };
  for (let kind = 0; kind < 6; kind++) {
    run("activate", kind, m * n, 1.25, x, unwritten(m * n));
    run("activateBackward", kind, m * n, 1.25, x, g, unwritten(m * n));
    run("gatedForward", kind, m, n / 2, 1.25, x, unwritten(m * n / 2));
    run("gatedBackward", kind, m, n / 2, 1.25, x, g.slice(0, m * n / 2), unwritten(m * n));
  }
  run("rmsNormForward", m, n, 1e-8, x, unwritten(m * n), unwritten(m));
  run("rmsNormBackward", m, n, x, g.slice(0, m), g, unwritten(m * n));
  run("scatterRows", m, n, g, at, x.slice(0, 5 * n));
  run("causalSoftmax", m, 0.3, x, unwritten(m * m));
  run("causalSoftmaxBackward", m, 0.3, x, g, unwritten(m * m));
  run("rotate", m, 6, 2, 8, 1, g.slice(0, 48), g.slice(48, 96), x, 4 * n, x, 4 * n);
  run("sgd", m * n, x, g, normal(m * n, 13, 1), 0.01, 0.99, 0.1, 0.9, 1);
  const zeros = (): Floats => new Float32Array(m * n);
  run(
    "adam",
    ...[m * n, x, g, zeros(), zeros(), normal(m * n, 14, 0.1)],
    ...[0.01, 0.995, 0.1, 0.1, 0.999, 0.001, 1e-8, 31.6227766],
  );
  return found;
}

leakChecked(
  "the strict build gives the same bits for gates, attention and optimizers",
  async () => {
    const digest = await sha256(withBuild("strict", gatedChain));
    assertEquals(digest, "4fc5e165df028ca5a982c65d42729c0cc8e6c4e5afeb756b0f5a37abe1e61277");
  },
);

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
