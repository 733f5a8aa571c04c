import { assert, assertEquals, assertThrows } from "@std/assert";
import { denseTensor, hosvd, tucker } from "../../src/multilinear/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import {
  distance,
  fromOrthonormal,
  hostileTensors,
  randomMatrix,
  randomTensor,
  tensorCases,
} from "./support.ts";

inBothBuilds("tucker() finds the errors that NumPy found", () => {
  for (const [name, { hooi }, x] of tensorCases()) {
    for (const { ranks, rel_error } of hooi) {
      const found = tucker(x, { rank: ranks, sweeps: 500, tolerance: 1e-15 });
      assert(Math.abs(found.relativeError - rel_error) <= 1e-12, `${name} ${ranks}`);
      assert(found.converged);
    }
  }
});

leakChecked("tucker() never gets worse, and stays below the bound, on a hundred tensors", () => {
  for (const [what, x] of hostileTensors(105)) {
    const source = numbers(x.data.length + 1);
    const rank = x.shape.map((size) =>
      source.whole(1, 1, Math.min(size, x.data.length / size))[0]!
    );
    const found = tucker(x, { rank, sweeps: 8, tolerance: 0 });
    const { trace, relativeError, errorBound, factors, core } = found;
    trace.forEach((error, i) => assert(i === 0 || error <= trace[i - 1]!, `${what}: ${trace}`));
    assert(relativeError <= errorBound!, `${what}: ${relativeError} > ${errorBound}`);
    assert(Math.abs(relativeError - trace.at(-1)!) <= 1e-9, what);
    assert(Math.abs(distance(found.toDense(), x) - relativeError) <= 1e-13, what);
    for (const factor of factors) assert(fromOrthonormal(factor) <= 1e-13, what);
    assertEquals(core.shape, rank);
  }
});

Deno.test("tucker() within a relative error stays within", () => {
  for (const [what, x] of hostileTensors(42, [3, 4])) {
    for (const relativeError of [0.5, 1e-3]) {
      const found = tucker(x, { rank: { relativeError }, sweeps: 5 });
      assert(found.relativeError <= relativeError, what);
    }
  }
});

Deno.test("tucker() starts from factors that are given", () => {
  const x = randomTensor([5, 6, 7], numbers(21)), rank = [2, 3, 2];
  const start = hosvd(x, { rank }).factors;
  const found = tucker(x, { rank, start, tolerance: 0, sweeps: 300 });
  const usual = tucker(x, { rank, tolerance: 0, sweeps: 300 });
  assert(Math.abs(found.relativeError - usual.relativeError) <= 1e-10);
  assertEquals(found.errorBound, undefined);
  const skewed = start.map((factor) => randomMatrix(factor.rows, factor.columns, numbers(24)));
  const { trace, factors } = tucker(x, { rank, start: skewed, tolerance: 0 });
  trace.forEach((error, i) => assert(i === 0 || error <= trace[i - 1]!, `${trace}`));
  for (const factor of factors) assert(fromOrthonormal(factor) <= 1e-13);
  assertThrows(() => tucker(x, { rank, start: start.slice(1) }), TypeError, "2 factors");
  const other = [start[0]!, start[1]!, randomMatrix(7, 3, numbers(1))];
  assertThrows(() => tucker(x, { rank, start: other }), TypeError, "must be [7, 2]");
  assertThrows(() => tucker(x, { rank: { energy: 0.5 }, start }), TypeError, "give the ranks");
});

Deno.test("tucker() says when its sweeps ran out, reports each, and ends when called off", () => {
  const x = randomTensor([5, 6, 7], numbers(22));
  const seen: number[] = [];
  const { converged, trace } = tucker(x, {
    ...{ rank: 2, sweeps: 3, tolerance: 0 },
    progress: ({ sweep, sweeps, relativeError }) => seen.push(sweep, sweeps, relativeError),
  });
  assertEquals(converged, false);
  assertEquals(seen, trace.flatMap((error, i) => [i + 1, 3, error]));
  const controller = new AbortController();
  const stop = (): unknown =>
    tucker(x, {
      ...{ rank: 2, signal: controller.signal },
      progress: ({ sweep }) => sweep === 2 && controller.abort(new Error("enough")),
    });
  assertThrows(stop, Error, "enough");
});

Deno.test("tucker() refuses what it cannot do", () => {
  const x = randomTensor([2, 3, 4], numbers(23));
  assertThrows(() => tucker(x, { rank: 0 }), RangeError, "rank 0");
  assertThrows(() => tucker(x, { rank: [2, 3, 5] }), RangeError, "[2, 3, 4]");
  assertThrows(() => tucker(x, { rank: 1, sweeps: 0 }), RangeError, "number of sweeps is 0");
  assertThrows(() => tucker(x, { rank: 1, tolerance: NaN }), RangeError, "tolerance is NaN");
  const bad = denseTensor([2, 2, 2], [1, 2, 3, NaN, 5, 6, 7, 8]);
  assertThrows(() => tucker(bad, { rank: 1 }), RangeError, "entry (0, 1, 1) is NaN");
});
