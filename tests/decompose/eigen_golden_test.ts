// Eigenvectors beside those that NumPy found, and modular addition, where they are known in closed form.
import { assert, assertEquals } from "@std/assert";
import { eigen, fromFactors, interactions } from "../../src/decompose/mod.ts";
import { matmul, type Matrix, matrix } from "../../src/linalg/mod.ts";
import {
  assertRelative,
  type FixtureArray,
  mnistModel,
  readGoldenJson,
} from "../support/fixtures.ts";
import { firstDigits } from "../support/digits.ts";
import { leakChecked } from "../support/leaks.ts";
import { modularAddition, outerSum, rowOf } from "../support/networks.ts";

type Small = Readonly<
  Record<
    "embed.weight" | "blocks.0.weight" | "head.weight" | "tensor_sym" | "vals" | "vecs_inputspace",
    FixtureArray
  > & Record<"x" | "logits", FixtureArray>
>;

leakChecked("eigen() in the embedding space finds what NumPy found", () => {
  const { decompose_small: small } = readGoldenJson<{ decompose_small: Small }>("eigen.json");
  const of = ({ shape, data }: FixtureArray): Matrix => matrix(shape[0]!, shape[1]!, data);
  const embed = of(small["embed.weight"]), both = of(small["blocks.0.weight"]);
  const half = both.data.length / 2;
  const left = matrix(8, 8, both.data.subarray(0, half)),
    right = matrix(8, 8, both.data.subarray(half));
  const whole = fromFactors({
    left: matmul(left, embed),
    right: matmul(right, embed),
    leftBias: new Float64Array(8),
    rightBias: new Float64Array(8),
    readout: of(small["head.weight"]),
    outputBias: new Float64Array(5),
    embedding: { matrix: embed, left, right },
  });
  for (let o = 0; o < 5; o++) {
    const { values, vectors, spectrum } = eigen(whole.output(o), { space: "embedding" });
    const expected = small.vals.data.slice(8 * o, 8 * o + 8);
    assertRelative(spectrum, expected, 1e-13, "eigenvalues");
    assertEquals(values.length, 8);
    values.forEach((value, i) => {
      const at = expected.findIndex((other) => Math.abs(other - value) < 1e-10);
      const start = (8 * o + at) * 12;
      const vector = small.vecs_inputspace.data.slice(start, start + 12);
      const found = rowOf(vectors, i);
      const sign = Math.sign(found.reduce((sum, x, j) => sum + x * vector[j]!, 0));
      assertRelative(found, vector.map((x) => sign * x), 1e-10, `vector ${i} of output ${o}`);
    });
    // the symmetric form in the embedding space, carried to the inputs
    const form = matrix(8, 8, small.tensor_sym.data.slice(64 * o, 64 * o + 64));
    const dense = matmul(matmul(embed, form, "TN"), embed).data;
    assertRelative(whole.output(o).dense().data, dense, 1e-13, "Q");
    assertRelative(outerSum(values, vectors), dense, 1e-13, "Σ λvvᵀ");
    const inputSpace = eigen(whole.output(o));
    assertRelative(outerSum(inputSpace.values, inputSpace.vectors), dense, 1e-13, "Σ λvvᵀ");
    for (let row = 0; row < 3; row++) {
      const x = small.x.data.slice(12 * row, 12 * row + 12);
      const logit = small.logits.data[5 * row + o]!;
      for (const value of [whole.evaluate(x)[o]!, eigen(whole.output(o)).evaluate(x)]) {
        assertRelative([1, value], [1, logit], 1e-13, "logit");
      }
    }
  }
});

leakChecked("eigen() of the MNIST network finds the eigenvalues of every digit", () => {
  const expected = readGoldenJson<{ eigenvalues_ascending_per_digit: number[][] }>(
    "mnist/meta.json",
  );
  using model = mnistModel();
  const whole = interactions(model);
  expected.eigenvalues_ascending_per_digit.forEach((values, digit) => {
    const { spectrum } = eigen(whole.output(digit), { space: "embedding" });
    assertRelative(spectrum, values, 1e-6, `digit ${digit}`);
  });
});

leakChecked("eigen() of the MNIST network adds up to its logits, in both spaces", () => {
  const { logits_float64_arithmetic: logits } = readGoldenJson<
    { logits_float64_arithmetic: number[][] | FixtureArray }
  >("mnist/logits16.json");
  const flat = Array.isArray(logits) ? logits.flat() : logits.data;
  const pixels = firstDigits("test", 16);
  using model = mnistModel();
  const whole = interactions(model);
  for (const [space, digits] of [["embedding", [0, 3, 7]], ["input", [3]]] as const) {
    for (const digit of digits) {
      const all = eigen(whole.output(digit), { space });
      assert(all.residual < 1e-12);
      for (let row = 0; row < 16; row++) {
        const x = Float32Array.from(pixels.subarray(784 * row, 784 * row + 784), (p) => p / 255);
        assertRelative(
          [10, all.evaluate(x)],
          [10, flat[10 * row + digit]!],
          1e-9,
          `${space} ${row}`,
        );
      }
    }
  }
});

for (const p of [7, 13, 113]) {
  leakChecked(`three neurons add modulo ${p}, with the eigenvalues ±p/4 twice each`, () => {
    using model = modularAddition(p);
    const whole = interactions(model);
    const rows = new Float32Array(p * p * 2 * p);
    for (let a = 0; a < p; a++) {
      for (let b = 0; b < p; b++) {
        rows[(a * p + b) * 2 * p + a] = 1;
        rows[(a * p + b) * 2 * p + p + b] = 1;
      }
    }
    const logits = model.predict(rows);
    let margin = Infinity;
    for (let a = 0; a < p; a++) {
      for (let b = 0; b < p; b++) {
        const own = logits.subarray((a * p + b) * p, (a * p + b + 1) * p);
        const right = own[(a + b) % p]!;
        own.forEach((value, q) => {
          if (q !== (a + b) % p) margin = Math.min(margin, right - value);
        });
      }
    }
    assert(Math.abs(margin - (1 - Math.cos(2 * Math.PI / p))) < 1e-5, `margin ${margin}`);

    for (const q of [0, 1, p - 1]) {
      const form = whole.output(q), { values, vectors } = eigen(form);
      // a fifth and a sixth hold nothing but the rounding of the weights to f32
      assertRelative(
        [...values.slice(0, 4)].sort((x, y) => x - y),
        [-p, -p, p, p].map((x) => x / 4),
        1e-6,
      );
      assert(values.slice(4).every((value) => Math.abs(value) < 1e-6 * p));
      // the eigenspaces, as projectors: (aᵢ, ±bᵢ)/√2 with a = cos and sin of one slot
      for (const sign of [1, -1]) {
        const expected = new Float64Array(4 * p * p);
        for (let i = 0; i < p; i++) {
          for (let j = 0; j < p; j++) {
            const same = Math.cos(2 * Math.PI * (i - j) / p) / p;
            const crossed = sign * Math.cos(2 * Math.PI * (q - i - j) / p) / p;
            expected[i * 2 * p + j] = same;
            expected[(p + i) * 2 * p + p + j] = same;
            expected[i * 2 * p + p + j] = crossed;
            expected[(p + j) * 2 * p + i] = crossed;
          }
        }
        const kept = Float64Array.from(values, (value) => sign * value > 1 ? 1 : 0);
        assertEquals(kept.reduce((total, one) => total + one, 0), 2);
        assertRelative(outerSum(kept, vectors), expected, 1e-5, `projector of ${sign * p / 4}`);
      }
    }
  });
}
