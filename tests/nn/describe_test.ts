import { assertEquals } from "@std/assert";
import * as nn from "../../src/nn/mod.ts";
import { leakChecked } from "../support/leaks.ts";

leakChecked("describe() names every kind of layer, from the inputs to the outputs", () => {
  const described = (...layers: nn.Layer[]): string => {
    using model = nn.sequential(layers);
    return nn.describe(model.config);
  };
  assertEquals(described(nn.bilinear(784, 128), nn.linear(128, 10)), "784 → bilinear 128 → 10");
  assertEquals(
    described(nn.linear(4, 6), nn.bilinear(6, 5, { gate: "silu" }), nn.linear(5, 2)),
    "4 → linear 6 → silu-gated 5 → 2",
  );
  assertEquals(
    described(nn.linear(3, 4), nn.relu(), nn.rmsNorm(4)),
    "3 → linear 4 → relu → rmsNorm",
  );
  assertEquals(described(nn.rmsNorm(4), nn.bilinear(4, 2)), "4 → rmsNorm → bilinear 2");
  assertEquals(
    described(
      nn.embedding(9, 4),
      nn.residual([nn.attention(4, { heads: 2 })]),
      nn.block([nn.bilinear(4, 3), nn.linear(3, 4)]),
      nn.linear(4, 9),
    ),
    "9 indices → embedding 4 → x + (attention of 2 heads) → (bilinear 3 → linear 4) → 9",
  );
});
