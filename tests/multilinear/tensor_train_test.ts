import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type DenseTensor,
  denseTensor,
  norm,
  round,
  tensorTrain,
  type TensorTrainResult,
  ttToTensor,
  unfold,
} from "../../src/multilinear/mod.ts";
import { svd } from "../../src/linalg/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { assertClose } from "../support/tolerances.ts";
import { distance, fromOrthonormal, hostileTensors, randomTensor, tensorCases } from "./support.ts";

/** What holds for every train. */
function assertSound(what: string, x: DenseTensor, train: TensorTrainResult): void {
  const { cores, ranks, relativeError, errorBound, parameterCount } = train;
  assertEquals(cores.map(({ shape }) => shape[1]), [...x.shape]);
  assertEquals(cores.map(({ shape }) => shape[0]), [1, ...ranks]);
  assertEquals(cores.map(({ shape }) => shape[2]), [...ranks, 1]);
  const measured = distance(train.toDense(), x);
  assert(Math.abs(measured - relativeError) <= 1e-13, `${what}: ${measured} ≠ ${relativeError}`);
  assert(relativeError <= errorBound, `${what}: ${relativeError} > ${errorBound}`);
  assertEquals(parameterCount, cores.reduce((sum, { data }) => sum + data.length, 0));
  for (const { shape, data } of cores.slice(0, -1)) {
    const tall = { rows: shape[0]! * shape[1]!, columns: shape[2]!, data };
    assert(fromOrthonormal(tall) <= 1e-13, `${what}: cores are not orthonormal`);
  }
}

leakChecked("tensorTrain() and round() keep their promise on hundreds of tensors", () => {
  for (const [what, x] of hostileTensors(210)) {
    const exact = tensorTrain(x);
    assertSound(what, x, exact);
    assert(exact.relativeError <= 1e-13, `${what}: ${exact.relativeError} without truncation`);
    for (const relativeError of [0.7, 0.1, 1e-4, 1e-9, 1e-12]) {
      const direct = tensorTrain(x, { rank: { relativeError } });
      assertSound(what, x, direct);
      assert(direct.relativeError <= relativeError, `${what}: over ${relativeError}`);
      const rounded = round(exact, { rank: { relativeError } });
      assertSound(what, x, rounded);
      assert(rounded.relativeError <= relativeError, `${what}: rounded over ${relativeError}`);
    }
    for (const rank of [1, 2]) {
      const most = Math.max(...exact.ranks);
      if (rank > most) continue;
      assertSound(what, x, tensorTrain(x, { rank }));
      const rounded = round(exact, { rank });
      assertSound(what, x, rounded);
      assert(rounded.ranks.every((found) => found <= rank));
    }
  }
});

Deno.test("tensorTrain() makes the same error as round() for the same ranks", () => {
  const x = randomTensor([4, 5, 6, 3], numbers(41)), rank = [3, 7, 2];
  const direct = tensorTrain(x, { rank }), rounded = round(tensorTrain(x), { rank });
  assert(Math.abs(direct.relativeError - rounded.relativeError) <= 1e-12);
  assert(Math.abs(direct.relativeError - direct.errorBound) <= 2e-13);
});

Deno.test("tensorTrain() has as its first singular values those of the first unfolding", () => {
  for (const [name, found, x] of tensorCases()) {
    const { singularValues } = tensorTrain(x);
    const { data } = found.mode_singular_values[0]!;
    assertClose(singularValues[0]!, data, 1e-13 * found.norm, name);
    // without truncation, the last bond sees the unfolding of the last mode
    const last = svd(unfold(x, x.shape.length - 1)).values;
    assertClose(singularValues.at(-1)!, last, 1e-13 * found.norm, name);
  }
});

Deno.test("tensorTrain() finds the ranks that a tensor has", () => {
  const source = numbers(42), ranks = [1, 2, 4, 3, 1], shape = [5, 4, 6, 5];
  const cores = shape.map((size, i) => randomTensor([ranks[i]!, size, ranks[i + 1]!], source));
  const x = ttToTensor({ cores });
  assertEquals(tensorTrain(x, { rank: { relativeError: 1e-12 } }).ranks, [2, 4, 3]);
  // a train with itself beside it has bonds twice as wide, and no more in it
  const twice = cores.map((core, i): DenseTensor => {
    const [r, n, s] = core.shape as readonly [number, number, number];
    const [rows, columns] = [i === 0 ? 1 : 2 * r, i === cores.length - 1 ? 1 : 2 * s];
    const wide = denseTensor([rows, n, columns]);
    for (let copy = 0; copy < 2; copy++) {
      core.data.forEach((value, at) => {
        const [p, j, q] = [Math.floor(at / (n * s)), Math.floor(at / s) % n, at % s];
        const row = i === 0 ? 0 : copy * r + p, column = i === cores.length - 1 ? 0 : copy * s + q;
        wide.data[(row * n + j) * columns + column] = value;
      });
    }
    return wide;
  });
  const rounded = round({ cores: twice });
  assertEquals(rounded.ranks, [2, 4, 3]);
  const expected = { shape, data: x.data.map((value) => 2 * value) };
  assert(distance(rounded.toDense(), expected) <= 1e-13);
});

Deno.test("round() works on trains whose cores overflow together, or are zero", () => {
  const source = numbers(43), sizes = [1, 2, 2, 1];
  const cores = [0, 1, 2].map((i) => randomTensor([sizes[i]!, 3, sizes[i + 1]!], source));
  const x = ttToTensor({ cores });
  const scales = [1e200, 1e-150, 1e200];
  const wild = cores.map((core, i) => ({
    ...{ shape: core.shape, data: core.data.map((value) => value * scales[i]!) },
  }));
  const rounded = round({ cores: wild });
  assert(rounded.relativeError <= 1e-13);
  const back = rounded.toDense();
  assert(distance({ shape: back.shape, data: back.data.map((v) => v / 1e250) }, x) <= 1e-12);
  // beyond what one number holds, the scale is shared by the cores
  const beyond = round({
    cores: cores.map(({ shape, data }) => ({ shape, data: data.map((v) => v * 1e150) })),
  });
  assert(beyond.cores.every(({ data }) => data.every(Number.isFinite)));
  const small = beyond.cores.map(({ shape, data }) => ({
    shape,
    data: data.map((v) => v / 1e150),
  }));
  assert(distance(ttToTensor({ cores: small }), x) <= 1e-12);
  const zero = round({ cores: [cores[0]!, denseTensor([2, 3, 2]), cores[2]!] });
  assertEquals([zero.relativeError, ...zero.ranks, norm(zero.toDense())], [0, 1, 1, 0]);
});

Deno.test("tensorTrain() and round() refuse what does not fit", () => {
  const x = randomTensor([2, 3, 4], numbers(44)), train = tensorTrain(x);
  assertThrows(() => tensorTrain(denseTensor([3])), TypeError, "at least 2");
  assertThrows(() => tensorTrain(x, { rank: 0 }), RangeError, "rank 0");
  assertThrows(() => tensorTrain(x, { rank: 5 }), RangeError, "1 to 4");
  assertThrows(() => tensorTrain(x, { rank: [1, 2, 4, 1] }), RangeError, "give 2 whole numbers");
  assertThrows(() => tensorTrain(x, { rank: [3, 4] }), RangeError, "1 to [2, 4]");
  assertThrows(() => round(train, { rank: [2, 5] }), RangeError, "1 to [2, 4]");
  assertThrows(() => round({ cores: [] }), TypeError, "no cores");
  assertThrows(() => round({ cores: train.cores.slice(1) }), TypeError, "must be [1, size, rank]");
  assertThrows(() => ttToTensor({ cores: train.cores.slice(0, 2) }), TypeError, "[2, size, 1]");
  const large = denseTensor([8000, 8000]);
  assertThrows(() => tensorTrain(large), RangeError, "takes 3.1 GB of f64");
  const nan = train.cores.with(1, { ...train.cores[1]!, data: train.cores[1]!.data.with(0, NaN) });
  assertThrows(() => round({ cores: nan }), RangeError, "NaN");
  const wide = denseTensor([1, 100_000, 1]);
  assertThrows(() => ttToTensor({ cores: [wide, wide] }), RangeError, "80.0 GB");
});
