import { assertEquals, assertThrows } from "@std/assert";
import { configure, nn, random, scope, type Tensor, valueAndGrad } from "@odot/odot";
import { heapUsage } from "../../src/kernels/mod.ts";

const MODELS: Record<string, () => nn.Model> = {
  "bilinear with biases": () =>
    nn.sequential([nn.linear(20, 33), nn.bilinear(33, 17), nn.linear(17, 5)], { seed: 1 }),
  "wider than what is packed at a time": () =>
    nn.sequential([nn.linear(3, 2100, { bias: false }), nn.linear(2100, 2)], { seed: 2 }),
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
  assertThrows(() => frozen.predict(values), ReferenceError, "freed");
});

Deno.test("frozen() refuses to be differentiated", () => {
  using model = nn.sequential([nn.linear(4, 1)], { seed: 6 });
  using frozen = nn.frozen(model);
  scope(() => {
    const x = random(1).normal([3, 4]);
    const parameters = new Map<string, Tensor>([["x", x]]);
    const error = assertThrows(() => valueAndGrad(() => frozen(x), parameters), TypeError);
    assertEquals(error.message.includes("for inference alone"), true);
  });
});
