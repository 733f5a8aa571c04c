import { assertAlmostEquals } from "@std/assert";
import { adamw, type AdamwScalars } from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS } from "../support/sizes.ts";
import { assertSame } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Scalars of step t, as optim makes them. */
function scalars(t: number, rate = 1e-3, weightDecay = 0.5): AdamwScalars {
  const [beta1, beta2] = [0.9, 0.999];
  const root = 1 / Math.sqrt(1 - beta2 ** t);
  return [rate / (1 - beta1 ** t), 1 - rate * weightDecay, 1 - beta1, beta2, 1 - beta2, 1e-8, root];
}

inBothBuilds("adamw() equals its twin over several steps, and leaves the gradient alone", () => {
  for (const n of LENGTHS) {
    const draw = numbers(n);
    let p = draw.floats(n), m: Floats = new Float32Array(n), v: Floats = new Float32Array(n);
    for (let t = 1; t <= 4; t++) {
      const g = draw.floats(n);
      const twin = adamw(p, g, m, v, scalars(t));
      const { after } = invoke("adamw", n, p, g, m, v, ...scalars(t));
      [twin.p, g, twin.m, twin.v].forEach((expected, i) =>
        assertSame(after[i]!, expected, `${n} numbers, step ${t}, array ${i}`)
      );
      [p, m, v] = [twin.p, twin.m, twin.v];
    }
  }
});

inBothBuilds(
  "adamw() moves by the learning rate at its first step, whatever the gradient's size",
  () => {
    const g = Float32Array.of(1e-3, -1, 1e6, -1e-3, 5), n = g.length, zeros = new Float32Array(n);
    const { after } = invoke(
      "adamw",
      n,
      zeros,
      g,
      zeros.slice(),
      zeros.slice(),
      ...scalars(1, 0.1),
    );
    g.forEach((value, i) => assertAlmostEquals(after[0]![i]!, -0.1 * Math.sign(value), 2e-6));
  },
);

inBothBuilds("adamw() only decays where the gradient has always been zero", () => {
  const p = numbers(1).floats(7), zeros = new Float32Array(7);
  const { after } = invoke(
    "adamw",
    7,
    p,
    zeros,
    zeros.slice(),
    zeros.slice(),
    ...scalars(1, 0.5, 0.5),
  );
  assertSame(after[0]!, p.map((value) => 0.75 * value), "parameters");
});
