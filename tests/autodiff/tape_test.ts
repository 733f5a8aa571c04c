import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { valueAndGrad } from "../../src/autodiff/mod.ts";
import { heapUsage } from "../../src/kernels/mod.ts";
import {
  add,
  addRow,
  argmax,
  bilinear,
  crossEntropy,
  exp,
  indices,
  linear,
  log,
  matmul,
  mean,
  multiply,
  ones,
  recording,
  relu,
  scale,
  scope,
  sqrt,
  subtract,
  sum,
  type Tensor,
  tensor,
  zeros,
} from "../../src/tensor/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { drawValues, finiteDifferences, type Values } from "../support/gradients.ts";
import { leakChecked } from "../support/leaks.ts";

/** f32 rounding through a graph of about ten operations on values of order 1. */
const TOLERANCE = 2e-6;

const named = (...tensors: Tensor[]): Map<string, Tensor> =>
  new Map(tensors.map((one, i) => [`${i}`, one]));

const gradient = (gradients: ReadonlyMap<string, Tensor>, name: string): number[] => [
  ...gradients.get(name)!.toArray(),
];

/** Compares value and gradients of a graph with its plain f64 form. */
function check(
  shapes: readonly (readonly number[])[],
  graph: (inputs: Tensor[]) => Tensor,
  reference: (values: Values) => number,
  [low, high] = [-1, 1],
): void {
  const values = shapes.map((shape, i) =>
    drawValues(21 + i, shape.reduce((a, b) => a * b, 1), low!, high!)
  );
  const expected = finiteDifferences(reference, values);
  scope(() => {
    const inputs = values.map((array, i) => tensor(array, shapes[i]!));
    const { value, gradients } = valueAndGrad(() => graph(inputs), named(...inputs));
    assertRelative([value], [reference(values)], TOLERANCE, "value");
    expected.forEach((array, i) =>
      assertRelative(gradient(gradients, `${i}`), array, TOLERANCE, `gradient ${i}`)
    );
  });
}

const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

leakChecked("valueAndGrad() adds up the paths of a shared subexpression", () => {
  check([[7]], ([x]) => {
    const shared = exp(scale(x!, 0.5));
    return sum(add(multiply(shared, x!), multiply(shared, shared)));
  }, ([x]) => total(x!.map((v) => Math.exp(v / 2) * v + Math.exp(v))));
});

leakChecked("valueAndGrad() adds up a parameter that is both operands", () => {
  check([[5]], ([x]) => sum(multiply(x!, x!)), ([x]) => total(x!.map((v) => v * v)));
  check([[5]], ([x]) => sum(multiply(subtract(x!, x!), x!)), () => 0);
  check([[3, 3]], ([x]) => sum(matmul(x!, x!)), ([x]) => {
    let out = 0;
    for (let at = 0; at < 27; at++) {
      const [i, j, l] = [Math.floor(at / 9), Math.floor(at / 3) % 3, at % 3];
      out += x![i * 3 + l]! * x![l * 3 + j]!;
    }
    return out;
  });
});

leakChecked("valueAndGrad() goes through a chain of twelve operations", () => {
  check([[4]], ([x]) => {
    let y = x!;
    for (let i = 0; i < 4; i++) y = sqrt(exp(log(add(y, x!))));
    return mean(y);
  }, ([x]) =>
    total(x!.map((v) => {
      let y = v;
      for (let i = 0; i < 4; i++) y = Math.sqrt(y + v);
      return y / 4;
    })), [0.5, 2]);
});

leakChecked("valueAndGrad() goes through two layers that share their weight", () => {
  const [m, n] = [4, 3];
  check([[m, n], [2 * n, n], [2 * n]], ([x, w, b]) => {
    const once = bilinear(x!, w!, b);
    return mean(relu(add(bilinear(once, w!, b), exp(x!))));
  }, ([x, w, b]) => {
    const layer = (input: ArrayLike<number>): number[] =>
      Array.from({ length: m * n }, (_, at) => {
        const [i, o] = [Math.floor(at / n), at % n];
        const half = (row: number): number => {
          let value = b![row]!;
          for (let l = 0; l < n; l++) value += input[i * n + l]! * w![row * n + l]!;
          return value;
        };
        return half(o) * half(o + n);
      });
    const out = layer(layer(x!));
    return total(out.map((v, i) => Math.max(0, v + Math.exp(x![i]!)))) / (m * n);
  });
});

leakChecked("valueAndGrad() gives zeros for a parameter that the loss does not use", () => {
  scope(() => {
    const x = tensor([1, 2]), unused = ones([2, 3]), dead = ones([2]);
    const { gradients } = valueAndGrad(() => {
      multiply(dead, dead); // computed, but never reaches the loss
      return sum(x);
    }, named(x, unused, dead));
    assertEquals(gradient(gradients, "0"), [1, 1]);
    assertEquals(gradients.get("1")!.shape, [2, 3]);
    assertEquals([...gradient(gradients, "1"), ...gradient(gradients, "2")], Array(8).fill(0));
  });
});

leakChecked("valueAndGrad() of a parameter itself is 1", () => {
  scope(() => {
    const x = tensor(3);
    const { value, gradients } = valueAndGrad(() => x, named(x));
    assertEquals([value, ...gradient(gradients, "0")], [3, 1]);
  });
});

leakChecked("valueAndGrad() gives every parameter a gradient of its own shape and memory", () => {
  scope(() => {
    const [a, b] = [tensor([1, 2]), tensor([3, 4])];
    const { gradients } = valueAndGrad(
      () => sum(add(a, b)),
      new Map([["a", a], ["b", b], ["tied", a]]),
    );
    assertEquals([...gradients.keys()], ["a", "b", "tied"]);
    assertEquals(new Set(gradients.values()).size, 3);
    gradients.get("a")![Symbol.dispose]();
    gradients.get("b")!.set([9, 9]);
    assertEquals(gradient(gradients, "tied"), [1, 1]);

    const x = ones([3, 2]), row = tensor([[1, 2]]), wide = ones([1, 4]);
    const weight = ones([4, 2]);
    const found = valueAndGrad(
      () => add(sum(multiply(addRow(x, row), x)), sum(linear(row, weight, wide))),
      new Map([["row", row], ["wide", wide]]),
    ).gradients;
    assertEquals([found.get("row")!.shape, found.get("wide")!.shape], [[1, 2], [1, 4]]);
    assertEquals([gradient(found, "row"), gradient(found, "wide")], [[7, 7], [1, 1, 1, 1]]);
  });
});

leakChecked(
  "valueAndGrad() refuses a loss that is not one number, or depends on no parameter",
  () => {
    const { blocks } = heapUsage();
    const x = ones([2]), other = ones([2]);
    assertThrows(
      () => valueAndGrad(() => multiply(x, x), named(x)),
      TypeError,
      "Cannot differentiate f32[2]: the loss must be one number; use mean()",
    );
    for (const parameters of [named(x), named()]) {
      assertThrows(
        () => valueAndGrad(() => sum(other), parameters),
        TypeError,
        "Cannot differentiate: the loss depends on none of the parameters",
      );
    }
    const one = tensor([[1]]);
    assertThrows(() => valueAndGrad(() => argmax(one), named(one)), TypeError, "depends on none");
    for (const made of [x, other, one]) made[Symbol.dispose]();
    assertEquals(heapUsage().blocks, blocks);
  },
);

leakChecked("valueAndGrad() hands on what its body throws, frees, and stops recording", () => {
  const x = ones([2]), seen: string[] = [];
  const { blocks } = heapUsage();
  recording((entry) => seen.push(entry.name), () => {
    assertThrows(
      () =>
        valueAndGrad(() => {
          scope(() => exp(exp(x)));
          throw new RangeError("stop");
        }, named(x)),
      RangeError,
      "stop",
    );
    assertEquals(seen, []);
    sum(x)[Symbol.dispose]();
    assertEquals(seen, ["sum"]);
  });
  scope(() => void exp(x)); // scopes free again
  assertEquals(heapUsage().blocks, blocks);
  x[Symbol.dispose]();
});

leakChecked("valueAndGrad() leaves the gradients and nothing else", () => {
  const x = ones([4, 3]), w = ones([4, 3]), labels = indices([0, 1, 0, 1]);
  const { blocks } = heapUsage();
  const { gradients } = valueAndGrad(() => crossEntropy(bilinear(x, w), labels), named(w));
  assertEquals(heapUsage().blocks, blocks + 1);
  for (const made of [x, w, labels, gradients.get("0")!]) made[Symbol.dispose]();
  assertEquals(heapUsage().blocks, blocks - 3);
});

leakChecked("valueAndGrad() inside valueAndGrad() keeps both apart", () => {
  scope(() => {
    const x = tensor([1, 2]), y = tensor([3, 4]);
    let inner: number[] = [];
    const outer = valueAndGrad(() => {
      inner = gradient(valueAndGrad(() => sum(multiply(x, x)), named(x)).gradients, "0");
      return sum(multiply(x, y));
    }, named(x));
    assertEquals([inner, gradient(outer.gradients, "0")], [[2, 4], [3, 4]]);
  });
});

leakChecked("valueAndGrad() is bit for bit the same when repeated", () => {
  scope(() => {
    const x = tensor(drawValues(1, 60, -1, 1), [12, 5]);
    const w = tensor(drawValues(2, 80, -1, 1), [16, 5]);
    const labels = indices(Array.from({ length: 12 }, (_, i) => i % 8));
    const run = () => {
      const { value, gradients } = valueAndGrad(
        () => crossEntropy(bilinear(x, w), labels),
        named(w),
      );
      return [value, ...gradient(gradients, "0")];
    };
    assertEquals(run(), run());
    const before = run();
    w.set(drawValues(3, 80, -1, 1));
    assertNotEquals(run(), before);
  });
});

leakChecked("valueAndGrad() carries NaN to the gradients instead of hiding it", () => {
  scope(() => {
    const x = tensor([1, NaN]);
    const { value, gradients } = valueAndGrad(() => sum(multiply(x, x)), named(x));
    assert(Number.isNaN(value));
    assertEquals(gradient(gradients, "0"), [2, NaN]);
    const zero = zeros([1]);
    assertEquals(gradient(valueAndGrad(() => sum(sqrt(zero)), named(zero)).gradients, "0"), [
      Infinity,
    ]);
  });
});
