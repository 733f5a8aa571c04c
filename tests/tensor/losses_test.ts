import { assert, assertEquals, assertThrows } from "@std/assert";
import { crossEntropy, indices, scope, tensor, zeros } from "../../src/tensor/mod.ts";
import { assertRelative, gradientCases } from "../support/fixtures.ts";
import { drawValues } from "../support/gradients.ts";
import { leakChecked } from "../support/leaks.ts";

/** Mean of ln Σ eˣ − x[label] in f64. */
function plain(x: Float64Array, labels: readonly number[]): number {
  const n = x.length / labels.length;
  return labels.reduce((total, label, i) => {
    const row = x.subarray(i * n, (i + 1) * n), top = Math.max(...row);
    const sum = row.reduce((a, b) => a + Math.exp(b - top), 0);
    return total + top + Math.log(sum) - row[label]!;
  }, 0) / labels.length;
}

leakChecked("crossEntropy() is the mean of −ln softmax at the labels", () => {
  for (const [m, n] of [[1, 1], [1, 2], [3, 5], [7, 10], [33, 17]] as const) {
    const x = drawValues(1, m * n, -5, 5), labels = Array.from({ length: m }, (_, i) => i * 3 % n);
    scope(() => {
      const loss = crossEntropy(tensor(x, [m, n]), indices(labels));
      assertEquals(loss.shape, []);
      assert(Math.abs(loss.item() - plain(x, labels)) < 1e-6, `${m} ${n} ${loss.item()}`);
    });
  }
});

leakChecked("crossEntropy() of equal logits is ln of the number of classes", () => {
  scope(() => {
    const loss = crossEntropy(zeros([4, 10]), indices([0, 9, 3, 3])).item();
    assert(Math.abs(loss - Math.log(10)) < 1e-6);
  });
});

leakChecked("crossEntropy() stays finite for logits that eˣ cannot hold", () => {
  scope(() => {
    const logits = tensor([[3e38, -3e38], [1000, 0]]);
    assertEquals(crossEntropy(logits, indices([0, 0])).item(), 0);
    assertEquals(crossEntropy(tensor([[1000, 0]]), indices([1])).item(), 1000);
    for (const wrong of [NaN, Infinity]) {
      assert(!Number.isFinite(crossEntropy(tensor([[wrong, 0]]), indices([1])).item()));
    }
  });
});

for (const name of ["softmax_cross_entropy", "softmax_cross_entropy_large_logits"]) {
  leakChecked(`crossEntropy() gives every row of the reference: ${name}`, () => {
    const { inputs: { logits, labels }, output } = gradientCases()[name]!;
    const [m, n] = logits!.shape as [number, number];
    scope(() => {
      const losses = labels!.data.map((label, i) =>
        crossEntropy(tensor(logits!.data.slice(i * n, (i + 1) * n), [1, n]), indices([label]))
          .item()
      );
      assertEquals(losses.length, m);
      assertRelative(losses, output!.data, 1e-6);
    });
  });
}

leakChecked("crossEntropy() refuses labels that are no classes or do not fit", () => {
  scope(() => {
    const logits = zeros([2, 10]);
    assertThrows(
      () => crossEntropy(logits, indices([3, 10])),
      RangeError,
      "Cannot take the cross-entropy: label 1 is 10, but the classes are 0 to 9",
    );
    assertThrows(() => crossEntropy(logits, indices([-1, 0])), RangeError, "label 0 is -1");
    for (const labels of [indices([1]), zeros([2])]) {
      assertThrows(
        () => crossEntropy(logits, labels),
        TypeError,
        `Cannot take the cross-entropy of f32[2, 10] with labels ${labels}: give one i32 label a row, made by indices()`,
      );
    }
    assertThrows(() => crossEntropy(zeros([0, 3]), indices([])), TypeError, "one i32 label a row");
    assertThrows(() => crossEntropy(zeros([2, 2, 3]), indices([0, 1])), TypeError, "one i32 label");
    assertThrows(() => crossEntropy(zeros([]), indices([0])), TypeError, "it has no rows");
    for (const smoothing of [-0.1, 1.1, NaN]) {
      assertThrows(
        () => crossEntropy(logits, indices([0, 1]), smoothing),
        RangeError,
        `Cannot smooth labels by ${smoothing}: it must be between 0 and 1`,
      );
    }
    assertThrows(() => crossEntropy(indices([0]), indices([0])), TypeError, "must be f32");
  });
});
