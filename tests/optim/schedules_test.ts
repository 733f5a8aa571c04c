import { assert, assertEquals, assertThrows } from "@std/assert";
import * as optim from "../../src/optim/mod.ts";
import { assertRelative, readGoldenJson } from "../support/fixtures.ts";

Deno.test("cosine() gives the rates of the reference: cosine_annealing_T20_lr1e-3", () => {
  const { lr_per_epoch, after_last } = readGoldenJson<
    Record<string, { lr_per_epoch: number[]; after_last: number }>
  >("optimizers.json")["cosine_annealing_T20_lr1e-3"]!;
  const { rate, unit } = optim.cosine(1e-3, { epochs: 20 });
  assertEquals(unit, "epoch");
  assertRelative(lr_per_epoch.map((_, epoch) => rate(epoch)), lr_per_epoch, 1e-15);
  assertEquals(rate(20), after_last);
});

Deno.test("cosine() gives the rates of the reference: adamw_cosine_T5", () => {
  const { lr_used } = readGoldenJson<Record<string, { lr_used: number[] }>>("optimizers.json")[
    "adamw_cosine_T5"
  ]!;
  const { rate } = optim.cosine(1e-3, { epochs: 5 });
  assertRelative(lr_used.map((_, epoch) => rate(epoch)), lr_used, 1e-15);
});

Deno.test("cosine() falls from the rate to the minimum by the formula, and stays there", () => {
  for (const total of [1, 2, 7, 1000]) {
    const { rate, unit } = optim.cosine(0.5, { steps: total }, 0.1);
    assertEquals([unit, rate(0), rate(total), rate(total + 1), rate(1e9)], [
      "step",
      0.5,
      ...Array(3).fill(rate(total)),
    ]);
    assert(Math.abs(rate(total) - 0.1) < 1e-15);
    for (let time = 1; time <= total; time++) {
      assert(rate(time) < rate(time - 1), `${time} of ${total}`);
      const expected = 0.1 + 0.4 * (1 + Math.cos(Math.PI * time / total)) / 2;
      assert(Math.abs(rate(time) - expected) < 1e-15, `${time} of ${total}`);
    }
  }
});

Deno.test("constant() keeps its rate", () => {
  const { rate, unit } = optim.constant(0.25);
  assertEquals([unit, rate(0), rate(1e6)], ["step", 0.25, 0.25]);
});

Deno.test("constant() and cosine() refuse rates and lengths that are none", () => {
  for (const wrong of [-1, NaN, Infinity]) {
    const message = `Cannot learn at rate ${wrong}: it must be a finite number ≥ 0`;
    assertThrows(() => optim.constant(wrong), RangeError, message);
    assertThrows(() => optim.cosine(wrong, { epochs: 2 }), RangeError, message);
    assertThrows(() => optim.cosine(1, { epochs: 2 }, wrong), RangeError, message);
  }
  for (const wrong of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => optim.cosine(1, { epochs: wrong }),
      RangeError,
      `Cannot spread a cosine over ${wrong} epochs: give a whole number ≥ 1`,
    );
    assertThrows(() => optim.cosine(1, { steps: wrong }), RangeError, `over ${wrong} steps`);
  }
});
