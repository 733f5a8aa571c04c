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

Deno.test("warmUp() rises straight to the first rate, then the schedule begins", () => {
  const after = optim.cosine(0.8, { steps: 10 }, 0.1);
  for (const length of [1, 3, 100]) {
    const { rate, unit } = optim.warmUp(length, after);
    assertEquals(unit, "step");
    for (let time = 0; time < length; time++) {
      assertRelative([rate(time)], [0.8 * (time + 1) / length], 1e-15, `${time} of ${length}`);
    }
    for (let time = 0; time < 20; time++) assertEquals(rate(length + time), after.rate(time));
  }
  const both = optim.warmUp(2, optim.warmUp(2, optim.constant(1)));
  assertEquals([0, 1, 2, 3, 4].map(both.rate), [0.25, 0.5, 0.5, 1, 1]);
  assertEquals(optim.warmUp(1, optim.cosine(1, { epochs: 3 })).unit, "epoch");
});

/** PyTorch's OneCycleLR with cosine annealing, as its documentation gives it. */
function oneCycle(
  time: number,
  most: number,
  total: number,
  rise = 0.3,
  start = 25,
  final = 1e4,
): number {
  const from = most / start, to = from / final, peak = rise * total - 1, end = total - 1;
  const between = (a: number, b: number, share: number): number =>
    b + (a - b) / 2 * (Math.cos(Math.PI * share) + 1);
  return time <= peak
    ? between(from, most, time / peak)
    : between(most, to, (time - peak) / (end - peak));
}

Deno.test("oneCycle() gives PyTorch's rates: the start, the peak, the end and all between", () => {
  const { rate, unit } = optim.oneCycle(0.1, { steps: 100 });
  assertEquals(unit, "step");
  assertRelative([rate(0)], [0.1 / 25], 1e-15, "start");
  assertRelative([rate(29)], [0.1], 1e-15, "peak");
  assertRelative([rate(99)], [0.1 / 25 / 1e4], 1e-12, "end");
  assertEquals(rate(1e6), rate(99));
  for (const total of [4, 20, 100, 1001]) {
    for (const [rise, start, final] of [[0.3, 25, 1e4], [0.5, 10, 100], [0.9, 1, 1]] as const) {
      const options = { rise, startDivisor: start, finalDivisor: final };
      const { rate } = optim.oneCycle(2, { epochs: total }, options);
      for (let time = 0; time < total; time++) {
        const expected = oneCycle(time, 2, total, rise, start, final);
        assert(
          Math.abs(rate(time) - expected) < 1e-14,
          `${time} of ${total}: ${rate(time)}, not ${expected}`,
        );
      }
    }
  }
});

Deno.test("oneCycle() of few steps has a rate at every one of them", () => {
  for (const total of [1, 2, 3, 5, 10]) {
    for (const rise of [0.1, 0.2, 0.5, 1 / total].filter((share) => share < 1)) {
      const { rate } = optim.oneCycle(1, { steps: total }, { rise });
      const rates = Array.from({ length: total + 2 }, (_, time) => rate(time));
      assert(rates.every((one) => one > 0 && one <= 1), `${total} steps, rise ${rise}: ${rates}`);
    }
  }
  assertEquals(optim.oneCycle(1, { steps: 2 }, { rise: 0.5 }).rate(0), 1, "it begins at its peak");
});

Deno.test("schedules say what they are, as plain data", () => {
  const schedules = [
    optim.constant(0.1),
    optim.cosine(0.1, { epochs: 5 }),
    optim.cosine(0.1, { steps: 5 }),
    optim.cosine(0.1, { steps: 5 }, 0.01),
    optim.oneCycle(0.1, { steps: 5 }),
    optim.oneCycle(0.1, { steps: 5 }, { rise: 0.4 }),
    optim.warmUp(2, optim.constant(0.1)),
    optim.warmUp(2, optim.cosine(0.1, { steps: 5 })),
    optim.warmUp(3, optim.cosine(0.1, { steps: 5 })),
  ];
  for (const { config } of schedules) assertEquals(JSON.parse(JSON.stringify(config)), config);
  assertEquals(
    new Set(schedules.map(({ config }) => JSON.stringify(config))).size,
    schedules.length,
  );
  assertEquals(optim.warmUp(2, optim.cosine(0.1, { epochs: 5 })).config, {
    type: "warmUp",
    length: 2,
    after: { type: "cosine", learningRate: 0.1, minimum: 0, epochs: 5 },
  });
});

Deno.test("warmUp() and oneCycle() refuse lengths, rises and divisors that are none", () => {
  for (const wrong of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => optim.warmUp(wrong, optim.constant(1)),
      RangeError,
      `Cannot spread a warm-up over ${wrong} steps: give a whole number ≥ 1`,
    );
    assertThrows(() => optim.oneCycle(1, { steps: wrong }), RangeError, `one cycle over ${wrong}`);
  }
  for (const rise of [0, 1, -0.1, NaN]) {
    assertThrows(
      () => optim.oneCycle(1, { steps: 9 }, { rise }),
      RangeError,
      `Cannot rise over ${rise} of a cycle: it must be between 0 and 1`,
    );
  }
  for (const wrong of [0, -1, NaN, Infinity]) {
    for (const name of ["startDivisor", "finalDivisor"]) {
      assertThrows(
        () => optim.oneCycle(1, { steps: 9 }, { [name]: wrong }),
        RangeError,
        `Cannot use ${name} ${wrong}: it must be a finite number above 0`,
      );
    }
  }
  assertThrows(() => optim.oneCycle(NaN, { steps: 9 }), RangeError, "Cannot learn at rate NaN");
});
