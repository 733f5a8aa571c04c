import { assert, assertEquals, assertThrows } from "@std/assert";
import { fromFactors, type Interactions, interactions } from "../../src/decompose/mod.ts";
import { type Polynomial, polynomial } from "../../src/interpret/mod.ts";
import { matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { forward, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { plainText, subscripted, valueOf } from "./formula.ts";

const FORMULAS = ["symbolic", "expanded", "collected"] as const;

/** What the letters of the symbolic formula stand for. */
function letters(whole: Interactions): Map<string, number> {
  const { inputs, neurons, outputs, left, right, leftBias, rightBias, readout, outputBias } = whole;
  const values = new Map<string, number>();
  for (let k = 0; k < neurons; k++) {
    for (let i = 0; i < inputs; i++) {
      values.set(subscripted("W", k, i), left.data[k * inputs + i]!);
      values.set(subscripted("V", k, i), right.data[k * inputs + i]!);
    }
    values.set(subscripted("b", k), leftBias[k]!);
    values.set(subscripted("c", k), rightBias[k]!);
    for (let o = 0; o < outputs; o++) {
      values.set(subscripted("U", o, k), readout.data[o * neurons + k]!);
    }
  }
  outputBias.forEach((bias, o) => values.set(subscripted("k", o), bias));
  return values;
}

function usualNames(inputs: number): string[] {
  if (inputs <= 3) return ["x", "y", "z"].slice(0, inputs);
  return Array.from({ length: inputs }, (_, i) => subscripted("x", i));
}

/** Sum of the magnitudes of all products of one output. */
function magnitude(whole: Interactions, output: number, x: ArrayLike<number>): number {
  const { inputs, neurons, left, right, leftBias, rightBias, readout, outputBias } = whole;
  let total = Math.abs(outputBias[output]!) + 1e-300;
  for (let k = 0; k < neurons; k++) {
    let l = Math.abs(leftBias[k]!), r = Math.abs(rightBias[k]!);
    for (let i = 0; i < inputs; i++) {
      l += Math.abs(left.data[k * inputs + i]! * x[i]!);
      r += Math.abs(right.data[k * inputs + i]! * x[i]!);
    }
    total += Math.abs(readout.data[output * neurons + k]!) * l * r;
  }
  return total;
}

/** Asserts that all six writings have the value of the output. */
function assertReadsBack(
  whole: Interactions,
  output: number,
  written: Polynomial,
  names: readonly string[],
  x: ArrayLike<number>,
): void {
  const values = letters(whole);
  names.forEach((name, i) => values.set(name, x[i]!));
  const expected = whole.evaluate(x)[output]!, scale = magnitude(whole, output, x);
  assert(Math.abs(written.evaluate(x) - expected) <= 1e-13 * scale, "evaluate()");
  for (const key of FORMULAS) {
    const { text, latex } = written[key];
    for (const formula of [text, plainText(latex)]) {
      const found = valueOf(formula, values);
      assert(Math.abs(found - expected) <= 1e-12 * scale, `${key}: ${found}, not ${expected}`);
    }
    assertEquals(latex.split("{").length, latex.split("}").length, "braces of LaTeX");
    let depth = 0;
    for (const sign of latex) {
      depth += sign === "{" ? 1 : sign === "}" ? -1 : 0;
      assert(depth >= 0);
    }
    // deno-lint-ignore no-control-regex
    assert(/^[\x00-\x7f]*$/.test(latex), "LaTeX of other signs than ASCII");
  }
}

for (const { name, shape, bias, seed } of NETWORKS) {
  leakChecked(`polynomial() is the network, and reads back as it (${name})`, () => {
    using model = network(shape, bias, seed);
    const whole = interactions(model), draw = numbers(seed + 6);
    for (let output = 0; output < whole.outputs; output++) {
      const written = polynomial(model, { output, digits: 17 });
      for (let trial = 0; trial < 2; trial++) {
        const x = draw.doubles(shape.inputs, -2, 2);
        assertReadsBack(whole, output, written, usualNames(shape.inputs), x);
        const exact = forward(model, x)[output]!;
        assert(Math.abs(written.evaluate(x) - exact) <= 1e-12 * magnitude(whole, output, x));
      }
      assertEquals(polynomial(whole, { output, digits: 17 }).terms, written.terms);
      for (const { variables, coefficient } of written.terms) {
        assert(coefficient !== 0 && variables.length <= 2);
        assert(variables.every((v, i) => i === 0 || variables[i - 1]! <= v));
      }
      const keys = written.terms.map(({ variables }) => variables.join());
      assertEquals(new Set(keys).size, keys.length, "a product stands twice");
    }
  });
}

/** One output of neurons (w·x + b)(v·x + c), weighted. */
function layer(
  { w, v, b, c, u, k = 0 }: {
    w: readonly (readonly number[])[];
    v: readonly (readonly number[])[];
    b?: readonly number[];
    c?: readonly number[];
    u?: readonly number[];
    k?: number;
  },
): Interactions {
  const h = w.length, n = w[0]!.length;
  return fromFactors({
    left: matrix(h, n, w.flat()),
    right: matrix(h, n, v.flat()),
    leftBias: Float64Array.from(b ?? new Float64Array(h)),
    rightBias: Float64Array.from(c ?? new Float64Array(h)),
    readout: matrix(1, h, u ?? Array(h).fill(1)),
    outputBias: Float64Array.of(k),
  });
}

const GATES = [
  { name: "AND", of: layer({ w: [[1, 0]], v: [[0, 1]] }), text: "xy", expanded: "(x)(y)" },
  {
    name: "OR",
    of: layer({ w: [[1, -1], [0, 1]], v: [[1, 0], [0, 1]] }),
    text: "x² − xy + y²",
    expanded: "(x − y)(x) + (y)(y)",
  },
  {
    name: "XOR",
    of: layer({ w: [[1, -1]], v: [[1, -1]] }),
    text: "x² − 2xy + y²",
    expanded: "(x − y)(x − y)",
  },
  {
    name: "NOT AND",
    of: layer({ w: [[1, 0]], v: [[0, 1]], u: [-1], k: 1 }),
    text: "−xy + 1",
    expanded: "−(x)(y) + 1",
  },
  {
    name: "NOR",
    of: layer({ w: [[-1, 0]], v: [[0, -1]], b: [1], c: [1] }),
    text: "xy − x − y + 1",
    expanded: "(−x + 1)(−y + 1)",
  },
];

for (const { name, of, text, expanded } of GATES) {
  leakChecked(`polynomial() of ${name} is ${text}`, () => {
    const written = polynomial(of);
    assertEquals([written.collected.text, written.expanded.text], [text, expanded]);
    for (const x of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      assertEquals(written.evaluate(x), of.evaluate(x)[0]);
    }
  });
}

leakChecked("polynomial() writes the letters of the layer", () => {
  const whole = layer({ w: [[1, 2]], v: [[3, -1]], b: [1], c: [2], u: [3], k: 5 });
  assertEquals(
    polynomial(whole).symbolic.text,
    "x²·U₀₀W₀₀V₀₀ + xy·U₀₀W₀₀V₀₁ + x·U₀₀W₀₀c₀ + xy·U₀₀W₀₁V₀₀ + y²·U₀₀W₀₁V₀₁ + y·U₀₀W₀₁c₀ + " +
      "x·U₀₀b₀V₀₀ + y·U₀₀b₀V₀₁ + U₀₀b₀c₀ + k₀",
  );
  const plain = polynomial(layer({ w: [[1, 2]], v: [[3, -1]] }));
  assertEquals(plain.symbolic.text, "x²·W₀₀V₀₀ + xy·W₀₀V₀₁ + xy·W₀₁V₀₀ + y²·W₀₁V₀₁");
  assertEquals(
    plain.symbolic.latex,
    "x^2\\,W_{00}V_{00} + x y\\,W_{00}V_{01} + x y\\,W_{01}V_{00} + y^2\\,W_{01}V_{01}",
  );
  assertEquals(plain.collected.latex, "3 x^2 + 5 x y - 2 y^2");
});

leakChecked("polynomial() writes indices of two digits apart", () => {
  const wide = polynomial(layer({ w: [Array(12).fill(1)], v: [Array(12).fill(1)] }));
  for (const part of ["x₁₁²·W₀,₁₁V₀,₁₁", "x₁x₁₁·W₀₁V₀,₁₁"]) {
    assert(wide.symbolic.text.includes(part), part);
  }
  assert(wide.symbolic.latex.includes("x_{1} x_{11}\\,W_{01}V_{0,11}"));
  assert(wide.collected.latex.includes("2 x_{1} x_{11}"));
  const rows = Array(12).fill([1]);
  assert(polynomial(layer({ w: rows, v: rows })).symbolic.text.endsWith("x²·U₀,₁₁W₁₁,₀V₁₁,₀"));
});

const COEFFICIENTS: readonly (readonly [value: number, text: string, latex: string])[] = [
  [1, "x²", "x^2"],
  [-1, "−x²", "-x^2"],
  [0, "0", "0"],
  [-0, "0", "0"],
  [10, "10x²", "10 x^2"],
  [0.25, "0.25x²", "0.25 x^2"],
  [-1234567, "−1235000x²", "-1235000 x^2"],
  [0.99999, "x²", "x^2"],
  [1e-7, "1·10⁻⁷·x²", "1 \\cdot 10^{-7} x^2"],
  [-2.5e-300, "−2.5·10⁻³⁰⁰·x²", "-2.5 \\cdot 10^{-300} x^2"],
  [1e21, "1·10²¹·x²", "1 \\cdot 10^{21} x^2"],
  [1.5e30, "1.5·10³⁰·x²", "1.5 \\cdot 10^{30} x^2"],
];

for (const [value, text, latex] of COEFFICIENTS) {
  leakChecked(`polynomial() writes the coefficient ${Object.is(value, -0) ? "-0" : value}`, () => {
    const { collected, expanded } = polynomial(layer({ w: [[1]], v: [[1]], u: [value] }));
    assertEquals([collected.text, collected.latex], [text, latex]);
    assertRelative(
      [valueOf(expanded.text, new Map([["x", 3]]))],
      [9 * Number(value.toPrecision(4))],
      1e-14,
      expanded.text,
    );
    // as a constant it stands alone
    const alone = polynomial(layer({ w: [[0]], v: [[0]], k: value }));
    assertRelative(
      [valueOf(alone.collected.text, new Map())],
      [Number(value.toPrecision(4))],
      1e-15,
    );
    assertEquals(alone.collected.text === "1", value === 1 || value === 0.99999);
  });
}

leakChecked("polynomial() prints as many digits as asked for, and keeps all in its terms", () => {
  const third = layer({ w: [[1]], v: [[1]], u: [1 / 3], k: 123456 });
  assertEquals(polynomial(third, { digits: 1 }).collected.text, "0.3x² + 100000");
  assertEquals(polynomial(third).collected.text, "0.3333x² + 123500");
  assertEquals(polynomial(third, { digits: 17 }).collected.text, `${1 / 3}x² + 123456`);
  assertEquals(polynomial(third, { digits: 1 }).terms.map(({ coefficient }) => coefficient), [
    1 / 3,
    123456,
  ]);
  for (const digits of [0, -1, 1.5, 101, NaN, Infinity]) {
    assertThrows(() => polynomial(third, { digits }), RangeError, "significant digits");
  }
});

leakChecked("polynomial() takes names of any kind and stays readable", () => {
  const cases = [
    ["a", "b", "c"],
    ["a", "b", "ab"],
    ["width", "height", "weight"],
    ["x1", "x2", "x12"],
    ["1st", "2nd", "3rd"],
    ["größe", "länge", "höhe"],
    ["α", "β", "αβ"],
    ["x", "xx", "xxx"],
    ["x₁", "x₂", "x₁₂"],
  ];
  const draw = numbers(9), x = [1.25, -3, 0.5];
  const whole = layer({
    w: [[...draw.doubles(3)], [...draw.doubles(3)]],
    v: [[...draw.doubles(3)], [...draw.doubles(3)]],
    b: [...draw.doubles(2)],
    c: [...draw.doubles(2)],
    u: [-1, 2],
    k: -0.5,
  });
  for (const variables of cases) {
    const written = polynomial(whole, { variables, digits: 17 });
    const values = letters(whole);
    variables.forEach((name, i) => values.set(name, x[i]!));
    for (const key of FORMULAS) {
      const { text, latex } = written[key];
      for (const formula of [text, plainText(latex)]) {
        assertRelative([valueOf(formula, values)], whole.evaluate(x), 1e-12, formula);
      }
    }
  }
  assertEquals(
    polynomial(layer({ w: [[3, 0]], v: [[0, 1]] }), { variables: ["width", "height"] }).collected,
    { text: "3·width·height", latex: "3 \\cdot width \\cdot height" },
  );
});

leakChecked("polynomial() refuses names that are too many, too few, empty or the same", () => {
  const whole = layer({ w: [[1, 2]], v: [[3, 4]] });
  for (const variables of [[], ["x"], ["x", "y", "z"]]) {
    assertThrows(() => polynomial(whole, { variables }), TypeError, "give 2 names");
  }
  for (const variables of [["x", "x"], ["x", ""], ["", "y"], [" ", "y"]]) {
    assertThrows(() => polynomial(whole, { variables }), TypeError, "Cannot name 2 inputs");
  }
});

leakChecked(
  "polynomial() refuses other outputs, other inputs and networks that are too large",
  () => {
    using model = nn.sequential([nn.bilinear(2, 1), nn.linear(1, 3)]);
    for (const output of [-1, 3, 0.5, NaN]) {
      assertThrows(() => polynomial(model, { output }), RangeError, "the outputs are 0 to 2");
    }
    for (const input of [[], [1], [1, 2, 3]]) {
      assertThrows(() => polynomial(model).evaluate(input), TypeError, "an input has 2");
    }
    using flat = nn.sequential([nn.linear(2, 2)]);
    assertThrows(() => polynomial(flat), TypeError, "0 bilinear layers");
    using large = nn.sequential([nn.bilinear(99, 3)]);
    assertThrows(() => polynomial(large), RangeError, "30000 products, and the limit is 20000");
    using digits = nn.sequential([nn.bilinear(784, 64)]);
    assertThrows(() => polynomial(digits), RangeError, "use decompose.eigen()");
    // as much as is allowed: two neurons of 99 inputs
    using edge = nn.sequential([nn.bilinear(99, 2), nn.linear(2, 1)], { seed: 3 });
    assertEquals(polynomial(edge).terms.length, 99 * 100 / 2 + 99 + 1);
  },
);

leakChecked("polynomial() of nothing is 0", () => {
  const written = polynomial(layer({ w: [[0, 0]], v: [[1, 2]], u: [0] }));
  assertEquals(written.terms, []);
  assertEquals(written.collected, { text: "0", latex: "0" });
  assertEquals(written.symbolic, { text: "0", latex: "0" });
  assertEquals(written.expanded, { text: "0", latex: "0" });
  assertEquals(written.evaluate([3, 4]), 0);
});

leakChecked("polynomial() leaves out like terms that cancel", () => {
  // (x + y)(x − y)
  const written = polynomial(layer({ w: [[1, 1]], v: [[1, -1]] }));
  assertEquals(written.collected.text, "x² − y²");
  assertEquals(written.terms.map(({ variables }) => variables), [[0, 0], [1, 1]]);
});
