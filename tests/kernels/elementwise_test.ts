import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { LENGTHS, PAIRS } from "../support/sizes.ts";
import { assertSame } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Numbers at which rules change. */
const CORNERS = [0, -0, 1, -1, NaN, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, -3.4e38, 2 ** -126];
/** Every pair of corners, x and y. */
const CORNER_X = Float32Array.from(CORNERS.flatMap((x) => CORNERS.map(() => x)));
const CORNER_Y = Float32Array.from(CORNERS.flatMap(() => CORNERS));

const BINARY = ["add", "subtract", "multiply", "divide", "reluBackward"] as const;
const UNARY = ["sqrt", "relu"] as const;

for (const name of BINARY) {
  const check = (x: Floats, y: Floats, what: string): void => {
    const n = x.length, expected = reference[name](x, y);
    const { after: [x1, y1, z] } = invoke(name, n, x, y, unwritten(n));
    assertSame(z!, expected, `${what}: output`);
    assertSame(x1!, x, `${what}: first input`);
    assertSame(y1!, y, `${what}: second input`);
    assertSame(invoke(name, n, x, y, x).after[0]!, expected, `${what}: over the first input`);
    assertSame(invoke(name, n, x, y, y).after[1]!, expected, `${what}: over the second input`);
  };
  inBothBuilds(`${name}() equals its twin, in place too`, () => {
    for (const n of LENGTHS) {
      check(numbers(n).floats(n), numbers(n + 1).floats(n), `${n} numbers`);
    }
    check(CORNER_X, CORNER_Y, "corners");
  });
}

for (const name of UNARY) {
  const check = (x: Floats, what: string): void => {
    const n = x.length, expected = reference[name](x);
    const { after: [x1, y] } = invoke(name, n, x, unwritten(n));
    assertSame(y!, expected, `${what}: output`);
    assertSame(x1!, x, `${what}: input`);
    assertSame(invoke(name, n, x, x).after[0]!, expected, `${what}: in place`);
  };
  inBothBuilds(`${name}() equals its twin, in place too`, () => {
    for (const n of LENGTHS) check(numbers(n).floats(n), `${n} numbers`);
    check(CORNER_X, "corners");
  });
}

inBothBuilds("affine() equals its twin, without a fused step", () => {
  const inputs = [...LENGTHS.map((n) => numbers(n).floats(n)), CORNER_X];
  for (const [a, b] of [[1, 0], [-2.5, 0.1], [0, 7], [1.0001, -1], [Infinity, 1]] as const) {
    for (const x of inputs) {
      const expected = reference.affine(a, b, x);
      const { after } = invoke("affine", x.length, a, b, x, unwritten(x.length));
      assertSame(after[1]!, expected, `${a}·x + ${b}, ${x.length} numbers`);
      assertSame(invoke("affine", x.length, a, b, x, x).after[0]!, expected, "in place");
    }
  }
});

inBothBuilds("clamp() equals its twin, in place too", () => {
  const inputs = [...LENGTHS.map((n) => numbers(n).floats(n)), CORNER_X];
  for (const [low, high] of [[-0.5, 0.5], [0, 0], [0.1, Infinity], [-Infinity, -1e-45]] as const) {
    for (const x of inputs) {
      const expected = reference.clamp(low, high, x),
        what = `${x.length} numbers to ${low}, ${high}`;
      assertSame(
        invoke("clamp", x.length, low, high, x, unwritten(x.length)).after[1]!,
        expected,
        what,
      );
      assertSame(
        invoke("clamp", x.length, low, high, x, x).after[0]!,
        expected,
        `${what}, in place`,
      );
    }
  }
});

inBothBuilds("blend() equals its twin, with itself too", () => {
  const inputs = LENGTHS.map((n) => [numbers(n).floats(n), numbers(n + 1).floats(n)] as const);
  for (const [a, b] of [[1, 1], [0, 1], [0.9, 0.1], [1.0001, -2.5], [Infinity, 1]] as const) {
    for (const [x, y] of [...inputs, [CORNER_X, CORNER_Y] as const]) {
      const n = x.length,
        { after } = invoke("blend", n, a, x, b, y),
        what = `${n} numbers by ${a}, ${b}`;
      assertSame(after[0]!, reference.blend(a, x, b, y), what);
      assertSame(after[1]!, y, `${what}: second`);
      assertSame(invoke("blend", n, a, x, b, x).after[0]!, reference.blend(a, x, b, x), "itself");
    }
  }
});

inBothBuilds("addRow() equals its twin, in place too", () => {
  for (const [m, n] of PAIRS) {
    const x = numbers(m).floats(m * n), b = numbers(n).floats(n);
    const expected = reference.addRow(m, n, x, b);
    assertSame(invoke("addRow", m, n, x, b, unwritten(m * n)).after[2]!, expected, `${m}×${n}`);
    assertSame(invoke("addRow", m, n, x, b, x).after[0]!, expected, `${m}×${n}, in place`);
  }
});

inBothBuilds("fromBytes() equals its twin for every byte", () => {
  const every = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const divisor of [1, 255, 0.1]) {
    for (const bytes of [...LENGTHS.map((n) => every.slice(256 - n)), every]) {
      const n = bytes.length;
      const { after } = invoke("fromBytes", n, bytes, divisor, unwritten(n));
      assertSame(after[1]!, reference.fromBytes(bytes, divisor), `${n} bytes / ${divisor}`);
    }
  }
});

inBothBuilds("transpose() equals its twin", () => {
  for (const [m, n] of [...PAIRS, [65, 130], [130, 65]] as const) {
    const x = numbers(m + n).floats(m * n);
    const { after } = invoke("transpose", m, n, x, unwritten(m * n));
    assertSame(after[1]!, reference.transpose(m, n, x), `${m}×${n}`);
  }
});
