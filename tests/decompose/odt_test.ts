import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { deepInteractions, interactions, odt } from "../../src/decompose/mod.ts";
import { cutsOf } from "../../src/decompose/odt_bonds.ts";
import { environments } from "../../src/decompose/odt_environments.ts";
import { orthogonalise } from "../../src/decompose/odt_gauge.ts";
import { withRanks } from "../../src/decompose/odt_truncate.ts";
import * as io from "../../src/io/mod.ts";
import { eigh, frobeniusNorm, matrix, svd } from "../../src/linalg/mod.ts";
import type { DenseTensor } from "../../src/multilinear/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { assertRelative } from "../support/fixtures.ts";
import { leakChecked } from "../support/leaks.ts";
import { distance, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { deepForward, deepNetwork, filled, modularAddition } from "./odt_networks.ts";

/** Singular values of a tensor [outputs, leaf, …] with its first `count` leaves cut from the rest. */
function cutValues({ shape, data: entries }: DenseTensor, count: number): Float64Array {
  const outputs = shape[0]!, rows = shape[1]! ** count, after = entries.length / rows / outputs;
  const cut = matrix(rows, outputs * after);
  entries.forEach((value, at) => {
    const row = Math.floor(at / after) % rows, output = Math.floor(at / after / rows);
    cut.data[row * cut.columns + output * after + at % after] = value;
  });
  return svd(cut).values;
}

leakChecked("odt() preserves the function where nothing is dropped", () => {
  let worst = 0;
  for (let seed = 0; seed < 160; seed++) {
    using model = deepNetwork(seed, 1 + seed % 4);
    const { residual, relativeError, errorBound, apply, toModel, bonds } = odt(model);
    assertEquals([relativeError, errorBound], [0, 0]);
    assert(bonds.every(({ rank, singularValues }) => rank === singularValues.length));
    using copy = toModel();
    const draw = numbers(seed + 500);
    for (let trial = 0; trial < 3; trial++) {
      const x = draw.floats(model.inputs), scale = deepForward(model.layers, x, true);
      const exact = deepForward(model.layers, x), found = apply(x), run = copy.predict(x);
      const largest = Math.max(...scale);
      exact.forEach((y, o) => {
        const gap = Math.abs(y - found[o]!);
        assert(gap <= 1e-12 * largest, `seed ${seed}: ${gap} of ${largest}`);
        assert(Math.abs(y - run[o]!) <= 2e-5 * largest, `seed ${seed}: ${run[o]} for ${y}`);
      });
    }
    worst = Math.max(worst, residual);
  }
  assert(worst < 1e-10, `${worst}`);
});

leakChecked("odt() finds the singular values of the formed tensor at every cut", () => {
  for (let seed = 0; seed < 60; seed++) {
    using model = deepNetwork(seed, 1 + seed % 2);
    const { bonds, toDense, source } = odt(model), tensor = toDense();
    const norm = distance(tensor.data);
    bonds.forEach(({ withConstant, occurrences }, l) => {
      const expected = cutValues(tensor, 2 ** source.depth / occurrences);
      withConstant.forEach((value, i) =>
        assertAlmostEquals(value, expected[i] ?? 0, 1e-12 * norm, `seed ${seed}, state ${l}`)
      );
      // every trace is the squared norm
      assertAlmostEquals(distance(withConstant), norm, 1e-12 * norm, `seed ${seed}, norm`);
    });
  }
});

leakChecked("odt() has an error below its bound, and both are those of the formed tensors", () => {
  let truncated = 0;
  for (let seed = 0; seed < 200; seed++) {
    const depth = 1 + seed % 3;
    using model = deepNetwork(seed, depth);
    const rank = 1 + seed % 3, whole = odt(model);
    const most = Math.max(...whole.bonds.map(({ singularValues }) => singularValues.length));
    const small = odt(model, { rank: Math.min(rank, most) });
    assert(small.relativeError <= small.errorBound);
    assertEquals(small.trace, [small.relativeError]);
    if (small.errorBound > 0) truncated++;
    const { source: { widths, embedding, inputs, constant } } = small;
    const leaf = embedding?.columns ?? widths[0]!;
    if (leaf ** (2 ** depth) < 3e4) {
      const exact = whole.toDense().data, found = small.toDense().data, norm = distance(exact);
      const measured = norm === 0 ? 0 : distance(exact, found) / norm;
      assertAlmostEquals(small.relativeError, measured, 1e-7, `seed ${seed}`);
      assert(measured <= small.errorBound + 1e-12, `seed ${seed}: ${measured}`);
    }
    // what runs in f32 is what was computed in f64
    using runs = small.toModel();
    const x0 = numbers(seed).floats(inputs);
    const scale = Math.max(1, ...deepForward(model.layers, x0, true));
    assertRelative([scale, ...runs.predict(x0)], [scale, ...small.apply(x0)], 1e-5, `seed ${seed}`);
    // no output moves by more than the bound, at any input
    const draw = numbers(seed);
    for (let trial = 0; trial < 5; trial++) {
      const x = draw.doubles(inputs, -2, 2), most = small.logitError(Math.hypot(...x));
      const gap = distance(small.source.evaluate(x), small.apply(x));
      assert(
        gap <= most * (1 + 1e-9) + 1e-12,
        `seed ${seed}, constant ${constant}: ${gap} > ${most}`,
      );
    }
  }
  assert(truncated > 100, `${truncated} were truncated`);
});

leakChecked("odt() has the same spectra by Gram matrices, to half the digits", () => {
  for (let seed = 0; seed < 60; seed++) {
    using model = deepNetwork(seed, 1 + seed % 3);
    const deep = deepInteractions(model);
    const [exact, coarse] = [undefined, 0].map((explicit) => {
      const orthogonal = orthogonalise(deep, explicit);
      const { all, scale } = environments(orthogonal, explicit);
      return cutsOf(deep, orthogonal, all).map(({ whole }) => whole.map((value) => value * scale));
    });
    exact!.forEach((values, l) => {
      // states without full rank have more coordinates by Gram matrices: those of rounding
      assert(coarse![l]!.length >= values.length);
      coarse![l]!.forEach((value, i) =>
        assertAlmostEquals(value, values[i] ?? 0, 3e-7 * values[0]!, `seed ${seed}, state ${l}`)
      );
    });
    const orthogonal = orthogonalise(deep, 0);
    const cuts = cutsOf(deep, orthogonal, environments(orthogonal, 0).all);
    const through = withRanks(deep, cuts, cuts.map(({ values }) => values.length), "always");
    const x = numbers(seed).doubles(deep.inputs), scale = deepForward(model.layers, x, true);
    const gap = distance(deep.evaluate(x), through.evaluate(x));
    assert(gap <= 1e-12 * Math.max(...scale), `seed ${seed}: ${gap} of ${scale}`);
  }
});

leakChecked("odt() of one layer has the spectra of its interactions", () => {
  for (const { name, shape, bias, seed } of NETWORKS) {
    if (bias !== "none") continue;
    using model = network(shape, bias, seed);
    const one = interactions(model), { bonds } = odt(model);
    const forms = Array.from({ length: one.outputs }, (_, o) => one.output(o).dense());
    // output Gram ⟨Q_o, Q_p⟩ and input Gram Σ Q_o²
    const outer = matrix(one.outputs, one.outputs), inner = matrix(one.inputs, one.inputs);
    forms.forEach((q, o) => {
      forms.forEach((p, i) =>
        outer.data[o * one.outputs + i] = q.data.reduce((sum, v, j) => sum + v * p.data[j]!, 0)
      );
      for (let i = 0; i < one.inputs; i++) {
        for (let j = 0; j < one.inputs; j++) {
          for (let k = 0; k < one.inputs; k++) {
            const at = i * one.inputs + j;
            inner.data[at] = inner.data[at]! +
              q.data[i * one.inputs + k]! * q.data[j * one.inputs + k]!;
          }
        }
      }
    });
    [inner, outer].forEach((gram, l) => {
      const expected = [...eigh(gram).values].reverse().map((value) =>
        Math.sqrt(Math.max(0, value))
      );
      const found = bonds[l]!.singularValues;
      const scale = Math.max(...expected);
      expected.slice(0, found.length).forEach((value, i) =>
        assertAlmostEquals(found[i]!, value, 2e-7 * scale, `${name}, state ${l}`)
      );
    });
  }
});

leakChecked("odt() of a network without full rank drops what is empty, for nothing", () => {
  const draw = numbers(4);
  using model = nn.sequential([
    nn.bilinear(6, 7, { bias: false }),
    nn.linear(7, 5, { bias: false }),
    nn.bilinear(5, 6, { bias: false }),
    nn.linear(6, 3, { bias: false }),
  ]);
  filled(model, draw);
  // the state of 5 spans 2, and the outputs span 1
  const product = (rows: number, rank: number, columns: number): Float32Array => {
    const a = draw.whole(rows * rank, -3, 3), b = draw.whole(rank * columns, -3, 3);
    return Float32Array.from({ length: rows * columns }, (_, at) => {
      const i = Math.floor(at / columns), j = at % columns;
      let total = 0;
      for (let r = 0; r < rank; r++) total += a[i * rank + r]! * b[r * columns + j]!;
      return total;
    });
  };
  model.assign({ "1.weight": product(5, 2, 7), "3.weight": product(3, 1, 6) });
  const { bonds } = odt(model);
  assertEquals(bonds.map(({ singularValues }) => singularValues.length), [6, 2, 1]);
  const small = odt(model, { rank: [6, 2, 1] });
  assertEquals(small.relativeError, 0);
  assert(small.parameterCount < nn.countParameters(model.config.layers));
  const x = draw.doubles(6);
  const exact = deepForward(model.layers, x), scale = deepForward(model.layers, x, true);
  assertRelative(
    [Math.max(...scale), ...small.apply(x)],
    [Math.max(...scale), ...exact],
    1e-12,
    "y",
  );
});

leakChecked("odt() keeps the constant whatever is dropped", () => {
  for (let seed = 0; seed < 40; seed++) {
    using model = deepNetwork(seed, 2);
    const { deep, bonds } = odt(model, { rank: 1 });
    if (!deep.constant) continue;
    const state = deep.layers[0]!.readout, { left, right } = deep.layers[0]!;
    const draw = numbers(seed), first = Float64Array.from([1, ...draw.doubles(left.columns - 1)]);
    let one = 0;
    for (let k = 0; k < left.rows; k++) {
      let l = 0, r = 0;
      first.forEach((value, i) => {
        l += left.data[k * left.columns + i]! * value;
        r += right.data[k * left.columns + i]! * value;
      });
      one += state.data[k]! * l * r;
    }
    assertAlmostEquals(one, 1, 1e-14);
    assertEquals(bonds[1]!.rank, Math.min(1, bonds[1]!.singularValues.length));
  }
});

Deno.test("odt() of modular addition has the two planes of inputs and one of outputs", () => {
  for (const p of [5, 7, 13]) {
    const net = modularAddition(p),
      { bonds, parameterCount } = odt(net, { rank: { relativeError: 1e-9 } });
    assertEquals(bonds.map(({ rank }) => rank), [4, 2]);
    // Σ_q of 4 eigenvalues ±p/4 squared is p³/4, spread evenly
    for (const [l, count] of [[0, 4], [1, 2]] as const) {
      bonds[l]!.singularValues.slice(0, count).forEach((value) =>
        assertAlmostEquals(value, Math.sqrt(p ** 3 / 4 / count), 1e-12 * p ** 2)
      );
    }
    assert(parameterCount <= 15 * p, `${parameterCount}`);
  }
});

leakChecked("odt() of a network of zeros, and of huge and tiny ones", () => {
  using model = nn.sequential([
    nn.bilinear(3, 4),
    nn.linear(4, 3),
    nn.bilinear(3, 4),
    nn.linear(4, 2),
  ]);
  for (const parameter of model.parameters.values()) {
    parameter.set(new Float32Array(parameter.size));
  }
  const zero = odt(model, { rank: 1 });
  assertEquals([zero.relativeError, zero.errorBound], [0, 0]);
  assertEquals([...zero.apply([1, 2, 3])], [0, 0]);
  using runs = zero.toModel();
  assertEquals([...runs.predict([1, 2, 3])], [0, 0]);
  for (const scale of [1e-15, 1e12]) {
    const draw = numbers(2);
    for (const parameter of model.parameters.values()) {
      parameter.set(draw.floats(parameter.size).map((value) => value * scale));
    }
    const large = odt(model, { rank: 2 }), whole = odt(model);
    assert(whole.residual < 1e-10 && large.relativeError <= large.errorBound, `${scale}`);
    assert(large.bonds.every(({ withConstant }) => withConstant.every(Number.isFinite)));
  }
  for (const parameter of model.parameters.values()) {
    parameter.set(new Float32Array(parameter.size).fill(1e38));
  }
  assertThrows(() => odt(model), RangeError, "scale");
});

leakChecked("odt() keeps to the share, the error and the movement that it was given", () => {
  for (let seed = 0; seed < 40; seed++) {
    using model = deepNetwork(seed, 1 + seed % 3);
    for (const energy of [0.5, 0.9, 0.999]) {
      const { relativeError, errorBound } = odt(model, { rank: { energy } });
      assert(errorBound <= Math.sqrt(1 - energy) && relativeError <= errorBound, `seed ${seed}`);
    }
    assert(odt(model, { rank: { relativeError: 0.1 } }).errorBound <= 0.1);
    const { logitError } = odt(model, { rank: { logitError: 0.5, radius: 2 } });
    assert(logitError(2) <= 0.5);
    const loose = odt(model, { rank: { relativeError: 0.5 } });
    assert(loose.parameterCount <= odt(model).parameterCount);
  }
});

leakChecked("odt() of a network with two directions finds them and lets the rest go", () => {
  // y = (a·x)²(b·x)² hidden in 8 neurons of 8 inputs
  const draw = numbers(6), a = draw.floats(8), b = draw.floats(8);
  using model = nn.sequential([
    nn.bilinear(8, 8, { bias: false }),
    nn.bilinear(8, 8, { bias: false }),
    nn.linear(8, 2, { bias: false }),
  ]);
  const rows = (row: Float32Array): number[] => Array.from({ length: 8 }, () => [...row]).flat();
  model.assign({
    "0.weight": [...rows(a), ...rows(b)],
    "1.weight": draw.floats(128),
    "2.weight": draw.floats(16),
  });
  const { bonds, parameterCount } = odt(model, { rank: { relativeError: 1e-4 } });
  assertEquals(bonds.map(({ rank }) => rank), [2, 1, 1]);
  assert(parameterCount < 40, `${parameterCount}`);
});

leakChecked(
  "odt() by accuracy measures what it promises, and the network saves, loads and runs",
  () => {
    const draw = numbers(9), count = 400;
    const inputs = draw.floats(count * 6);
    using model = filled(
      nn.sequential([nn.bilinear(6, 12), nn.linear(12, 8), nn.bilinear(8, 12), nn.linear(12, 3)]),
      draw,
    );
    // the state of 8 has directions of less and less weight
    const weights = model.parameters.get("1.weight")!;
    weights.set(weights.toArray().map((value, i) => value * 0.2 ** Math.floor(i / 12)));
    const labels = Array.from({ length: count }, (_, row) => {
      const y = [...model.predict(inputs.slice(row * 6, row * 6 + 6))];
      return y.indexOf(Math.max(...y));
    });
    const on = data.dataset({ inputs, labels, classes: 3 });
    const small = odt(model, { rank: { accuracyDrop: 0.05, on } });
    assert(small.parameterCount < odt(model).parameterCount);
    using made = small.toModel();
    using loaded = io.load(io.save(made));
    const outputs = loaded.predict(inputs);
    assertEquals(outputs, made.predict(inputs));
    let right = 0;
    for (let row = 0; row < count; row++) {
      const y = [...outputs.slice(row * 3, row * 3 + 3)];
      if (y.indexOf(Math.max(...y)) === labels[row]) right++;
      const exact = small.apply(inputs.slice(row * 6, row * 6 + 6));
      assertRelative([10, ...y], [10, ...exact], 1e-4, "outputs");
    }
    assert(right / count >= 0.95, `${right}`);
    const stored = [...loaded.parameters.values()].reduce((total, { size }) => total + size, 0);
    assertEquals(stored, small.parameterCount);
  },
);

leakChecked("odt() refuses ranks and shares that are none, and stops when told", () => {
  using model = nn.sequential([
    nn.bilinear(3, 4),
    nn.linear(4, 2),
    nn.bilinear(2, 5),
    nn.linear(5, 2),
  ]);
  for (const rank of [0, -1, 1.5, NaN, 9, [1, 2], [1, 2, 3, 4], [9, 1, 1], [1, 0, 1]]) {
    assertThrows(() => odt(model, { rank }), RangeError, "Cannot truncate to rank");
  }
  for (const none of ["3", null]) {
    const rank = none as unknown as number;
    assertThrows(() => odt(model, { rank }), TypeError, "{ energy }");
  }
  assertThrows(() => odt(model, { rank: { energy: 1.1 } }), RangeError, "energy 1.1");
  assertThrows(() => odt(model, { rank: { relativeError: NaN } }), RangeError, "relativeError NaN");
  assertThrows(() => odt(model, { rank: { logitError: 0, radius: 1 } }), RangeError, "must be > 0");
  const wrong = data.dataset({ inputs: Float32Array.of(1, 2), labels: [0] });
  assertThrows(
    () => odt(model, { rank: { accuracyDrop: 0.1, on: wrong } }),
    TypeError,
    "rows of 2 in 1 classes",
  );
  assertThrows(
    () => odt(model, { signal: AbortSignal.abort(new Error("enough")) }),
    Error,
    "enough",
  );
  const steps: number[] = [];
  odt(model, { progress: ({ step, steps: all }) => steps.push(step / all) });
  assertEquals([steps.at(-1), steps.every((share, i) => i === 0 || share > steps[i - 1]!)], [
    1,
    true,
  ]);
  const stop = new AbortController();
  assertThrows(
    () =>
      odt(model, {
        signal: stop.signal,
        progress: ({ step }) => step === 2 && stop.abort(new Error("after two")),
      }),
    Error,
    "after two",
  );
  using large = nn.sequential([nn.bilinear(40, 3), nn.bilinear(3, 3), nn.bilinear(3, 1)]);
  assertThrows(() => odt(large).toDense(), RangeError, "use the factors");
  assertEquals(frobeniusNorm(deepInteractions(model).layers[0]!.left) > 0, true);
});

leakChecked("odt() of wide layers whose function is nearly constant", () => {
  const middle = [nn.bilinear(256, 256), nn.bilinear(256, 256)];
  using model = nn.sequential([nn.bilinear(64, 256), ...middle, nn.linear(256, 10)], { seed: 1 });
  const { relativeError, errorBound, bonds } = odt(model, { rank: { energy: 0.9 } });
  assert(relativeError <= errorBound && errorBound <= Math.sqrt(0.1));
  assert(bonds[1]!.rank < bonds[1]!.width);
});
