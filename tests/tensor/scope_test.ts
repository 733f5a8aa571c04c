import { assert, assertEquals, assertThrows } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import { heapUsage } from "../../src/kernels/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import {
  add,
  bilinear,
  crossEntropy,
  indices,
  linear,
  mean,
  multiply,
  ones,
  scope,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/mod.ts";
import { leakChecked } from "../support/leaks.ts";

/** Blocks of the heap that `body` leaves in use. */
function blocksLeft(body: () => unknown): number {
  const { blocks } = heapUsage();
  body();
  return heapUsage().blocks - blocks;
}

leakChecked("scope() frees what was made in it, and passes its result on", () => {
  const inside: Tensor[] = [];
  assertEquals(
    blocksLeft(() =>
      assertEquals(scope(() => (inside.push(ones([3])), add(ones([3]), inside[0]!), 7)), 7)
    ),
    0,
  );
  assert(!inside[0]!.alive);
});

leakChecked("scope() leaves alone what was made outside", () => {
  const x = ones([2]);
  scope(() => void multiply(x, x));
  assertEquals([...x.toArray()], [1, 1]);
  x[Symbol.dispose]();
});

leakChecked("scope() keeps what is reachable from its result", () => {
  const make = (): Tensor => (ones([2]), zeros([2]));
  const results: [string, () => unknown, number][] = [
    ["a tensor", make, 1],
    ["an array", () => [make(), [make()]], 2],
    ["a map", () => new Map([["a", make()], ["b", make()]]), 2],
    ["a set", () => new Set([make(), make()]), 2],
    ["an object", () => ({ a: make(), deep: { b: make() } }), 2],
    ["a class instance", () =>
      new class Holder {
        held = make();
      }(), 1],
    ["a model", () => nn.sequential([nn.linear(2, 3), nn.bilinear(3, 2, { bias: false })]), 3],
    ["the same tensor twice", () => [make()].flatMap((one) => [one, one]), 1],
    ["nothing", () => (make(), undefined), 0],
    ["null", () => (make(), null), 0],
    ["numbers", () => make().toArray(), 0],
  ];
  for (const [what, body, kept] of results) {
    const found: Tensor[] = [];
    const left = blocksLeft(() =>
      scope(() => {
        const result = scope(body);
        found.push(...tensorsOf(result));
        assert(found.every((one) => one.alive), what);
        assertEquals(found.length, what === "the same tensor twice" ? 2 : kept, what);
        return result;
      })
    );
    assertEquals(left, kept, what);
    for (const one of found) one[Symbol.dispose]();
  }
});

function tensorsOf(value: unknown): Tensor[] {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return [];
  if (ArrayBuffer.isView(value)) return [];
  if ("toArray" in value) return [value as Tensor];
  if ("parameters" in value) return [...(value as nn.Model).parameters.values()];
  return [...(value instanceof Map || value instanceof Set ? value.values() : Object.values(value))]
    .flatMap(tensorsOf);
}

leakChecked("scope() follows cycles once", () => {
  const left = blocksLeft(() => {
    const ring: { self?: unknown; held: Tensor } = scope(() => {
      const made: { self?: unknown; held: Tensor } = { held: ones([2]) };
      made.self = made;
      return made;
    });
    assert(ring.held.alive);
    ring.held[Symbol.dispose]();
  });
  assertEquals(left, 0);
});

leakChecked("scope() hands what it keeps to the scope around it", () => {
  let inner!: Tensor;
  const left = blocksLeft(() =>
    scope(() => {
      inner = scope(() => scope(() => add(ones([2]), ones([2]))));
      assertEquals([...inner.toArray()], [2, 2]);
    })
  );
  assertEquals([left, inner.alive], [0, false]);
});

leakChecked("scope() frees everything when its body throws, and scopes around it go on", () => {
  const left = blocksLeft(() =>
    scope(() => {
      const kept = ones([2]);
      assertThrows(
        () =>
          scope(() => {
            zeros([2]);
            throw new Error("stop");
          }),
        Error,
        "stop",
      );
      assert(kept.alive);
    })
  );
  assertEquals(left, 0);
});

leakChecked("scope() refuses a Promise, frees, and lets the Promise fail in silence", async () => {
  const left = blocksLeft(() =>
    assertThrows(
      () =>
        scope(async () => {
          const x = ones([2]);
          await Promise.resolve();
          return x.toArray(); // freed by now: rejects, and nobody waits for it
        }),
      TypeError,
      "Cannot keep a scope() open for a Promise: await first, then compute inside the scope",
    )
  );
  assertEquals(left, 0);
  await new Promise((resolve) => setTimeout(resolve, 0));
});

leakChecked("scope() takes what was freed by hand", () => {
  assertEquals(blocksLeft(() => scope(() => ones([2])[Symbol.dispose]())), 0);
});

leakChecked("scope() inside valueAndGrad() keeps what the backward pass reads", () => {
  scope(() => {
    const x = tensor([1, 2, 3]);
    let inner!: Tensor;
    const left = blocksLeft(() => {
      const { value, gradients } = valueAndGrad(() => {
        const cube = scope(() => {
          inner = multiply(x, x);
          return multiply(inner, x);
        });
        assert(inner.alive);
        return sum(cube);
      }, new Map([["x", x]]));
      assertEquals([value, ...gradients.get("x")!.toArray()], [36, 3, 12, 27]);
    });
    assertEquals([left, inner.alive], [1, false]); // the gradient alone
  });
});

leakChecked("operations outside any scope leave their result and nothing else", () => {
  const x = ones([3, 4]), w = ones([2, 4]), b = ones([2]), labels = indices([0, 1, 0]);
  const wrong = ones([5]);
  const model = nn.sequential([nn.linear(4, 3), nn.bilinear(3, 2), nn.linear(2, 2)]);
  const bodies: [string, () => Tensor][] = [
    ["linear", () => linear(x, w, b)],
    ["bilinear", () => bilinear(x, w, b)],
    ["mean", () => mean(x)],
    ["crossEntropy", () => crossEntropy(x, labels)],
    ["model", () => model(x)],
  ];
  for (const [name, body] of bodies) {
    assertEquals(blocksLeft(() => body()[Symbol.dispose]()), 0, name);
  }
  for (const layer of [linear, bilinear]) {
    assertEquals(blocksLeft(() => assertThrows(() => layer(x, w, wrong), TypeError)), 0);
  }
  for (const one of [x, w, b, labels, wrong, model]) one[Symbol.dispose]();
});
