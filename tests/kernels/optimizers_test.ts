import { assertAlmostEquals } from "@std/assert";
import { adam, type AdamScalars, sgd, type SgdScalars } from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS } from "../support/sizes.ts";
import { assertSame } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Scalars of step t, as optim makes them. */
function scalars(t: number, rate = 1e-3, weightDecay = 0.5, coupled = 0): AdamScalars {
  const [beta1, beta2] = [0.9, 0.999];
  const root = 1 / Math.sqrt(1 - beta2 ** t), decay = 1 - rate * weightDecay;
  return [rate / (1 - beta1 ** t), decay, coupled, 1 - beta1, beta2, 1 - beta2, 1e-8, root];
}

for (const largest of [false, true]) {
  const name = `adam() equals its twin over several steps${largest ? ", with the maximum" : ""}`;
  inBothBuilds(`${name}, and leaves the gradient alone`, () => {
    for (const n of LENGTHS) {
      for (const coupled of [0, 0.1]) {
        const draw = numbers(n), zeros = (): Floats => new Float32Array(n);
        let [p, m, v, maximum]: Floats[] = [draw.floats(n), zeros(), zeros(), zeros()];
        for (let t = 1; t <= 4; t++) {
          const g = draw.floats(n).map((value) => value / t); // second moments fall, so the maximum counts
          const step = scalars(t, 1e-3, 0.5, coupled);
          const twin = adam(p!, g, m!, v!, largest ? maximum : undefined, step);
          const { after } = invoke("adam", n, p!, g, m!, v!, largest ? maximum! : 0, ...step);
          const expected = [twin.p, g, twin.m, twin.v, ...(largest ? [twin.maximum!] : [])];
          expected.forEach((array, i) =>
            assertSame(after[i]!, array, `${n} numbers, step ${t}, array ${i}`)
          );
          [p, m, v, maximum] = [twin.p, twin.m, twin.v, twin.maximum ?? maximum];
        }
      }
    }
  });
}

inBothBuilds(
  "adam() moves by the learning rate at its first step, whatever the gradient's size",
  () => {
    const g = Float32Array.of(1e-3, -1, 1e6, -1e-3, 5), n = g.length;
    const zeros = (): Floats => new Float32Array(n);
    const { after } = invoke("adam", n, zeros(), g, zeros(), zeros(), 0, ...scalars(1, 0.1));
    g.forEach((value, i) => assertAlmostEquals(after[0]![i]!, -0.1 * Math.sign(value), 2e-6));
  },
);

inBothBuilds("adam() only decays where the gradient has always been zero", () => {
  const p = numbers(1).floats(7), zeros = (): Floats => new Float32Array(7);
  const { after } = invoke("adam", 7, p, zeros(), zeros(), zeros(), 0, ...scalars(1, 0.5, 0.5));
  assertSame(after[0]!, p.map((value) => 0.75 * value), "parameters");
});

inBothBuilds("sgd() equals its twin over several steps, in both variants", () => {
  for (const n of LENGTHS) {
    for (const nesterov of [false, true]) {
      for (const step of [[0.1, 1, 0, 0], [0.1, 0.98, 0.3, 0.9]] as SgdScalars[]) {
        const draw = numbers(n);
        let p: Floats = draw.floats(n), u: Floats = new Float32Array(n);
        for (let t = 1; t <= 3; t++) {
          const g = draw.floats(n), twin = sgd(p, g, u, step, nesterov);
          const { after } = invoke("sgd", n, p, g, u, ...step, nesterov ? 1 : 0);
          [twin.p, g, twin.u].forEach((array, i) =>
            assertSame(after[i]!, array, `${n} numbers, step ${t}, array ${i}`)
          );
          [p, u] = [twin.p, twin.u];
        }
      }
    }
  }
});
