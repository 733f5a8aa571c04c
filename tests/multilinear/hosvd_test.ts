import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  cp,
  denseTensor,
  type Hosvd,
  hosvd,
  inner,
  norm,
  sthosvd,
  tensorTrain,
  tucker,
  tuckerToTensor,
  unfold,
} from "../../src/multilinear/mod.ts";
import { eigh, matmul } from "../../src/linalg/mod.ts";
import { type FixtureArray, readGoldenJson } from "../support/fixtures.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { assertClose } from "../support/tolerances.ts";
import {
  distance,
  fromOrthonormal,
  hostileTensors,
  projector,
  randomTensor,
  tensorCases,
} from "./support.ts";

inBothBuilds("hosvd() agrees with NumPy", () => {
  for (const [name, found, x] of tensorCases()) {
    for (const { ranks, rel_error, core_norm, projectors } of found.hosvd) {
      const { core, factors, relativeError, singularValues } = hosvd(x, { rank: ranks });
      const what = `${name} ${ranks}`, size = found.norm;
      assert(Math.abs(relativeError - rel_error) <= 1e-13, what);
      assert(Math.abs(norm(core) - core_norm) <= 1e-13 * size, what);
      singularValues.forEach((values, mode) => {
        assertClose(values, found.mode_singular_values[mode]!.data, 1e-13 * size, what);
      });
      projectors?.forEach(({ data }, mode) => {
        assertClose(projector(factors[mode]!).data, data, 1e-10, `${what}, projector ${mode}`);
      });
    }
  }
});

/** What holds for both decompositions of any tensor. */
function assertSound(what: string, found: Hosvd, x: ReturnType<typeof denseTensor>): void {
  const { core, factors, relativeError, errorBound, parameterCount, trace } = found;
  const measured = distance(found.toDense(), x);
  assert(Math.abs(measured - relativeError) <= 1e-13, `${what}: ${measured} ≠ ${relativeError}`);
  assert(relativeError <= errorBound, `${what}: ${relativeError} > ${errorBound}`);
  assertEquals(trace, [relativeError]);
  const count = factors.reduce((sum, { data }) => sum + data.length, core.data.length);
  assertEquals(parameterCount, count);
  assertEquals(tuckerToTensor(found), found.toDense());
  for (const factor of factors) {
    assert(fromOrthonormal(factor) <= 1e-13, `${what}: factors are not orthonormal`);
    for (let r = 0; r < factor.columns; r++) {
      const column = factor.data.filter((_, i) => i % factor.columns === r);
      const largest = Math.max(...column.map(Math.abs));
      assert(column.some((value) => value === largest), `${what}: sign`);
    }
  }
}

leakChecked("hosvd() and sthosvd() stay below their bound on hundreds of tensors", () => {
  for (const [what, x] of hostileTensors(210)) {
    const seed = numbers(x.data.length), orders = [hosvd, sthosvd];
    for (const decompose of orders) {
      const exact = decompose(x);
      assertSound(what, exact, x);
      assert(exact.relativeError <= 1e-13, `${what}: ${exact.relativeError} without truncation`);
      const rank = x.shape.map((size) => {
        return seed.whole(1, 1, Math.min(size, x.data.length / size))[0]!;
      });
      assertSound(what, decompose(x, { rank }), x);
      for (const relativeError of [0.7, 0.1, 1e-6]) {
        const within = decompose(x, { rank: { relativeError } });
        assertSound(what, within, x);
        assert(within.relativeError <= relativeError, `${what}: over ${relativeError}`);
      }
      const share = decompose(x, { rank: { energy: 0.8 } });
      assert(share.relativeError ** 2 <= 0.2, what);
    }
  }
});

Deno.test("hosvd() makes the core all-orthogonal, its slices as long as the singular values", () => {
  const x = randomTensor([4, 5, 6], numbers(11)), { core, singularValues } = hosvd(x);
  singularValues.forEach((values, mode) => {
    const slices = unfold(core, mode), gram = matmul(slices, slices, "NT").data;
    const expected = gram.map((_, i) => {
      const row = Math.floor(i / values.length);
      return row === i % values.length ? values[row]! ** 2 : 0;
    });
    assertClose(gram, expected, 1e-13 * inner(x, x), `mode ${mode}`);
  });
});

Deno.test("hosvd() finds the multilinear rank within a relative error", () => {
  for (const [name, , x] of tensorCases()) {
    const ranks = { exact_cp_rank3_5x6x7: [3, 3, 3], exact_tucker_232_5x6x4: [2, 3, 2] }[name];
    if (!ranks) continue;
    assertEquals(hosvd(x, { rank: { relativeError: 1e-12 } }).core.shape, ranks);
    assertEquals(sthosvd(x, { rank: { relativeError: 1e-12 } }).core.shape, ranks);
  }
});

Deno.test("hosvd() decomposes what an iteration of QR alone does not", () => {
  const { shape, data } = readGoldenJson<FixtureArray>("hard_svd.json");
  const x = denseTensor(shape, data), { values } = eigh({ rows: 12, columns: 12, data: x.data });
  const found = hosvd(x, { rank: { relativeError: 1e-12 } });
  assertSound("hard", found, x);
  const largest = values.map(Math.abs).toSorted().reverse();
  assertClose(found.singularValues[0]!, largest, 1e-15 * largest[0]!, "singular values");
});

Deno.test("sthosvd() has as its bound the very error it makes", () => {
  const x = randomTensor([5, 6, 7], numbers(12));
  const { relativeError, errorBound } = sthosvd(x, { rank: [2, 3, 4] });
  assert(Math.abs(relativeError - errorBound) <= 2e-13);
});

Deno.test("hosvd() gives the same bits again, and turns with the tensor's sign", () => {
  const x = randomTensor([3, 4, 5], numbers(13)),
    minus = denseTensor([3, 4, 5], x.data.map((v) => -v));
  assertEquals(hosvd(x, { rank: 2 }).core, hosvd(x, { rank: 2 }).core);
  const [a, b] = [hosvd(x, { rank: 2 }), hosvd(minus, { rank: 2 })];
  assertEquals(a.factors, b.factors);
  assertEquals(a.core.data, b.core.data.map((value) => -value));
});

Deno.test("hosvd() refuses what it cannot decompose", () => {
  const x = randomTensor([2, 3, 4], numbers(14));
  assertThrows(() => hosvd(denseTensor([4])), TypeError, "1 modes, at least 2");
  assertThrows(() => hosvd(denseTensor([2, 0, 3])), RangeError, "mode 1 has size 0");
  assertThrows(() => hosvd({ shape: [2, 2], data: new Float64Array(3) }), TypeError, "3 entries");
  const large = denseTensor([8000, 8000]);
  assertThrows(() => hosvd(large, { rank: 1 }), RangeError, "takes 3.1 GB of f64");
  for (const bad of [NaN, Infinity, -Infinity]) {
    const y = denseTensor([2, 3, 4], x.data);
    const data = y.data.with(17, bad);
    assertThrows(() => hosvd({ ...y, data }), RangeError, `entry (1, 1, 1) is ${bad}`);
  }
  const over = denseTensor([2, 2], [1.5e308, 1.5e308, 1.5e308, 1.5e308]);
  assertThrows(() => hosvd(over), RangeError, "norm exceeds the largest f64");
  for (const rank of [0, 5, 1.5, NaN, [2, 3], [2, 4, 4], [0, 1, 1]]) {
    assertThrows(() => hosvd(x, { rank }), RangeError, "rank");
  }
  for (const none of ["3", null, {}]) {
    const options = { rank: none } as unknown as { rank: number };
    for (const method of [hosvd, sthosvd, tucker, tensorTrain, cp]) {
      assertThrows(() => method(x, options), TypeError, "a tensor to the rank");
    }
  }
  assertThrows(() => hosvd(x, { rank: { energy: 1.1 } }), RangeError, "share from 0 to 1");
  assertThrows(() => hosvd(x, { rank: { relativeError: NaN } }), RangeError, "relativeError NaN");
  assertThrows(() => hosvd(x, { rank: [2, 3, 4.5] }), RangeError, "[2, 3, 4]");
});
