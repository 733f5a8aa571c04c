import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { configure, nn, random, scope, type Tensor, valueAndGrad, zeros } from "@odot/odot";
import { heapUsage } from "../../src/kernels/mod.ts";

const MODELS: Record<string, () => nn.Model> = {
  "bilinear with biases": () =>
    nn.sequential([nn.linear(20, 33), nn.bilinear(33, 17), nn.linear(17, 5)], { seed: 1 }),
  "wider than what is packed at a time": () =>
    nn.sequential([nn.linear(3, 2100, { bias: false }), nn.linear(2100, 2)], { seed: 2 }),
  "an activation first, a bare norm, a scaled residual": () =>
    nn.sequential([
      nn.relu(),
      nn.rmsNorm(9),
      nn.residual([nn.block([nn.linear(9, 5), nn.silu({ beta: 2 })]), nn.linear(5, 9)], {
        scale: 0.3,
      }),
      nn.bilinear(9, 3, { bias: false }),
    ], { seed: 8 }),
  "residuals, gates and norms": () =>
    nn.sequential([
      nn.residual([nn.rmsNorm(12, { scale: true }), nn.bilinear(12, 12, { gate: "silu" })]),
      nn.gelu(),
      nn.linear(12, 4),
    ], { seed: 3 }),
};

function rows(count: number, width: number): Float32Array {
  return scope(() => random(7).normal([count, width]).toArray());
}

for (const [name, make] of Object.entries(MODELS)) {
  for (const kernels of ["fast", "strict"] as const) {
    Deno.test(`frozen() predicts the model's bits: ${name}, ${kernels} kernels`, () => {
      configure({ kernels });
      using model = make();
      using frozen = nn.frozen(model);
      for (const count of [0, 1, 6, 7, 31, 200]) {
        const values = rows(count, model.inputs);
        assertEquals(frozen.predict(values), model.predict(values));
      }
      configure({ kernels: "fast" });
    });
  }
}

/** What a call throws, as text. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return `${error}`;
  }
  return "nothing was thrown";
}

Deno.test("frozen() refuses to predict what the model refuses, in the same words", () => {
  const inputs: ArrayLike<number>[] = [
    new Float32Array(19),
    new Float32Array(21),
    ...[0, 3, 4, 17, 19].flatMap((at) =>
      [NaN, Infinity, -Infinity, 1e300].flatMap((bad) =>
        [20, 60, 200].map((length) => new Array<number>(length).fill(0.5).with(at, bad))
      )
    ),
    new Float32Array(20).fill(1).with(7, NaN),
    new Float32Array(60).fill(1).with(47, Infinity),
    new Float64Array(20).fill(1).with(8, -1e39),
    { length: 20 },
  ];
  using model = MODELS["bilinear with biases"]!();
  using frozen = nn.frozen(model);
  for (const values of inputs) {
    const expected = refusal(() => model.predict(values));
    assertMatch(expected, /Cannot predict/);
    assertEquals(refusal(() => frozen.predict(values)), expected);
  }
  // and refusing leaves nothing behind
  const values = rows(1, 20);
  assertEquals(frozen.predict(values), model.predict(values));
  using words = nn.sequential([nn.embedding(5, 4), nn.linear(4, 2)], { seed: 1 });
  using frozenWords = nn.frozen(words);
  assertEquals(refusal(() => frozenWords.predict([1])), refusal(() => words.predict([1])));
});

Deno.test("frozen() predicts one row from any numbers, into an array of the caller's", () => {
  using model = MODELS["bilinear with biases"]!();
  using frozen = nn.frozen(model);
  const values = [...rows(1, 20)], other = rows(2, 20).slice(20);
  const first = frozen.predict(values), before = heapUsage();
  assertEquals(first, model.predict(values));
  assertEquals(frozen.predict(Float64Array.from(values)), first);
  assertEquals(frozen.predict(other), model.predict(other));
  assertEquals(first, model.predict(values), "a later call left it alone");
  assertEquals(heapUsage(), before);
});

Deno.test("frozen() predicts one row on whatever kernels are chosen afterwards", () => {
  using model = MODELS["an activation first, a bare norm, a scaled residual"]!();
  using frozen = nn.frozen(model);
  const values = rows(1, 9);
  try {
    for (const kernels of ["fast", "strict", "fast", "strict"] as const) {
      for (const threads of [1, 2]) {
        configure({ kernels, threads });
        scope(() => zeros([500_000])); // the memory grows
        assertEquals(frozen.predict(values), model.predict(values), `${kernels}, ${threads}`);
      }
    }
  } finally {
    configure({ kernels: "fast", threads: 1 });
  }
});

Deno.test("frozen() of layers that take sequences predicts or refuses as the model", () => {
  using model = nn.sequential([nn.linear(6, 4), nn.attention(4, { heads: 2 })], { seed: 9 });
  using frozen = nn.frozen(model);
  const values = rows(1, 6);
  assertEquals(refusal(() => frozen.predict(values)), refusal(() => model.predict(values)));
});

Deno.test("frozen() predicts the same bits on two threads", () => {
  using model = nn.sequential([nn.linear(200, 1100), nn.bilinear(1100, 40)], { seed: 4 });
  using frozen = nn.frozen(model);
  const values = rows(100, 200), alone = frozen.predict(values);
  configure({ threads: 2 });
  try {
    assertEquals(frozen.predict(values), alone);
  } finally {
    configure({ threads: 1 });
  }
});

Deno.test("frozen() is not reached by later changes of the model", () => {
  using model = nn.sequential([nn.linear(4, 3)], { seed: 5 });
  using frozen = nn.frozen(model);
  const many = rows(9, 4), one = rows(1, 4);
  const before = [frozen.predict(many), frozen.predict(one)];
  model.assign({ "0.weight": new Float32Array(12), "0.bias": new Float32Array(3) });
  assertEquals([frozen.predict(many), frozen.predict(one)], before);
});

Deno.test("frozen() keeps its weights when it leaves a scope, and frees all when disposed of", () => {
  using model = MODELS["residuals, gates and norms"]!();
  const before = heapUsage();
  const frozen = scope(() => nn.frozen(model));
  const values = rows(8, 12);
  assertEquals(frozen.predict(values), model.predict(values));
  frozen[Symbol.dispose]();
  assertEquals(heapUsage().blocks, before.blocks);
  for (const count of [1, 8]) {
    assertThrows(() => frozen.predict(rows(count, 12)), ReferenceError, "freed");
  }
});

Deno.test("frozen() refuses to be differentiated", () => {
  using model = nn.sequential([nn.linear(4, 1)], { seed: 6 });
  using frozen = nn.frozen(model);
  scope(() => {
    const x = random(1).normal([3, 4]);
    const parameters = new Map<string, Tensor>([["x", x]]);
    const error = assertThrows(() => valueAndGrad(() => frozen(x), parameters), TypeError);
    assertEquals(error.message.includes("for inference alone"), true);
    for (const count of [1, 7]) {
      const predicting = () => {
        frozen.predict(rows(count, 4));
        return x;
      };
      const refused = assertThrows(() => valueAndGrad(predicting, parameters), TypeError);
      assertEquals(refused.message, error.message);
    }
  });
});
