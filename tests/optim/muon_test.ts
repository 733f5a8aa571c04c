import { assert, assertEquals, assertThrows } from "@std/assert";
import { heapUsage } from "../../src/kernels/mod.ts";
import { eigh } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import * as optim from "../../src/optim/mod.ts";
import { ones, random, scope, type Tensor, tensor, transpose } from "../../src/tensor/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";

const SHAPES = [[1, 1], [8, 8], [5, 17], [17, 5], [33, 1], [1, 33], [40, 64]] as const;

const one = (parameter: Tensor): optim.Trainable => ({ parameters: new Map([["w", parameter]]) });

/** Singular values of a matrix [rows, columns]: roots of the eigenvalues of its smaller Gram matrix. */
function singularValues(x: Float32Array, rows: number, columns: number): number[] {
  const size = Math.min(rows, columns), wide = rows <= columns;
  const at = (i: number, l: number): number => wide ? x[i * columns + l]! : x[l * columns + i]!;
  const gram = Float64Array.from({ length: size * size }, (_, place) => {
    let total = 0;
    for (let l = 0; l < Math.max(rows, columns); l++) {
      total += at(Math.floor(place / size), l) * at(place % size, l);
    }
    return total;
  });
  const { values } = eigh({ rows: size, columns: size, data: gram });
  return [...values].map((value) => Math.sqrt(Math.max(0, value)));
}

leakChecked("orthogonalize() brings every singular value to between 0.6 and 1.3", () => {
  for (const [rows, columns] of SHAPES) {
    for (const size of [1e-3, 1, 1e3]) {
      scope(() => {
        const x = random(rows + columns).normal([rows, columns], { deviation: size });
        const { blocks } = heapUsage();
        // a square matrix has singular values near 0, which take more iterations to grow
        const found = optim.orthogonalize(x, rows === columns ? 8 : 5);
        assertEquals(found.shape, [rows, columns]);
        assertEquals(heapUsage().blocks, blocks + 1, "it leaves its result alone");
        const values = singularValues(found.toArray(), rows, columns);
        assert(
          values.every((value) => value > 0.6 && value < 1.3),
          `${rows}×${columns} of ${size}: ${values}`,
        );
      });
    }
  }
});

leakChecked("orthogonalize() keeps singular vectors, so symmetric stays symmetric", () => {
  scope(() => {
    // a diagonal matrix has the unit vectors: what comes out is diagonal, with the same signs
    const x = tensor([[3, 0, 0], [0, -2, 0], [0, 0, 1]]), found = optim.orthogonalize(x).toArray();
    found.forEach((value, at) => {
      if (at % 4 === 0) assert(Math.abs(value) > 0.6, `${found}`);
      else assert(Math.abs(value) < 1e-6, `${found}`);
    });
    assertEquals([...found].filter((_, at) => at % 4 === 0).map(Math.sign), [1, -1, 1]);
    const y = random(3).normal([4, 9]);
    const one = optim.orthogonalize(y).toArray();
    const other = transpose(optim.orthogonalize(transpose(y))).toArray();
    assertEquals(other, one, "the transpose of the transpose");
    assertEquals([...optim.orthogonalize(tensor([[0, 0], [0, 0]])).toArray()], [0, 0, 0, 0]);
  });
});

leakChecked("orthogonalize() refuses what is no matrix", () => {
  scope(() => {
    for (const wrong of [ones([3]), ones([2, 2, 2])]) {
      assertThrows(() => optim.orthogonalize(wrong), TypeError, "it must be a matrix");
    }
  });
});

leakChecked("muon() takes the step of its formula on matrices", () => {
  for (const [rows, columns] of [[6, 3], [3, 6]] as const) {
    scope(() => {
      const start = random(1).normal([rows, columns]),
        parameter = tensor(start.toArray(), [rows, columns]);
      const options = { learningRate: 0.1, weightDecay: 0.2, momentum: 0.9 };
      const optimizer = optim.muon(one(parameter), options);
      let velocity = new Float64Array(rows * columns),
        expected = Float64Array.from(start.toArray());
      for (let step = 1; step <= 3; step++) {
        const gradient = random(10 + step).normal([rows, columns]), g = gradient.toArray();
        optimizer.step(new Map([["w", gradient]]));
        velocity = velocity.map((v, i) => 0.9 * v + 0.1 * g[i]!);
        const ahead = tensor(velocity.map((v, i) => 0.1 * g[i]! + 0.9 * v), [rows, columns]);
        const move = optim.orthogonalize(ahead).toArray();
        const size = 0.1 * Math.sqrt(Math.max(1, rows / columns));
        expected = expected.map((value, i) => value * (1 - 0.1 * 0.2) - size * move[i]!);
        assertRelative(parameter.toArray(), expected, 3e-5, `${rows}×${columns}, step ${step}`);
      }
      assertRelative(optimizer.state.get("w.velocity")!.toArray(), velocity, 1e-6);
    });
  }
});

leakChecked("muon() updates vectors and the others as AdamW does", () => {
  using model = nn.sequential([nn.linear(4, 3), nn.linear(3, 2)], { seed: 1 });
  using same = nn.sequential([nn.linear(4, 3), nn.linear(3, 2)], { seed: 1 });
  const betas = [0.8, 0.99] as const, epsilon = 1e-7;
  using muon = optim.muon(model, {
    ...{ learningRate: 0.05, weightDecay: 0.1, others: /^1\./ },
    adamw: { learningRate: 0.01, betas, epsilon },
  });
  using adamw = optim.adamw(same, { learningRate: 0.01, weightDecay: 0.1, betas, epsilon });
  assertEquals([...muon.state.keys()], [
    "0.weight.velocity",
    ...["0.bias", "1.weight", "1.bias"].flatMap((name) => [`${name}.first`, `${name}.second`]),
  ]);
  for (let step = 0; step < 3; step++) {
    scope(() => {
      const gradients = new Map(
        [...model.parameters].map(([name, { shape }], i) => [name, random(step, i).normal(shape)]),
      );
      muon.learningRate = 0.05 / (step + 1); // a schedule scales both alike
      adamw.learningRate = 0.01 / (step + 1);
      muon.step(gradients);
      adamw.step(gradients);
    });
    for (const name of ["0.bias", "1.weight", "1.bias"]) {
      const found = model.parameters.get(name)!.toArray();
      assertRelative(found, same.parameters.get(name)!.toArray(), 1e-6, name);
    }
  }
});

leakChecked("muon() refuses settings out of range", () => {
  scope(() => {
    const model = one(ones([2, 2])), { blocks } = heapUsage();
    const wrong: [optim.MuonOptions, string][] = [
      [{ momentum: 1 }, "Cannot use momentum 1"],
      [{ iterations: 0 }, "Cannot iterate 0 times"],
      [{ iterations: 1.5 }, "Cannot iterate 1.5 times"],
      [{ learningRate: NaN }, "Cannot use learningRate NaN"],
      [{ learningRate: 0 }, "Cannot use learningRate 0: that of adamw is scaled with it"],
      [{ adamw: { learningRate: NaN } }, "Cannot use learningRate of adamw NaN"],
      [{ adamw: { learningRate: -1 } }, "Cannot use learningRate of adamw -1"],
      [{ adamw: { betas: [0.9, 1] } }, "Cannot use beta2 1"],
    ];
    for (const [options, message] of wrong) {
      assertThrows(() => optim.muon(model, options), RangeError, message);
    }
    assertEquals(heapUsage().blocks, blocks);
  });
});
