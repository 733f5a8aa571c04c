import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { bytes, doubles, integers, kernels } from "../../src/kernels/mod.ts";
import * as reference from "../../src/kernels/reference/bidiagonal.ts";
import { applySweeps, type Sweep } from "../../src/kernels/reference/linalg.ts";
import { inBothBuilds } from "../support/builds.ts";
import { type Block, withCanaries } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { assertClose } from "../support/tolerances.ts";

const SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33];

/** Calls kernels on arrays copied to blocks between canaries; returns the blocks as they are then. */
function run(arrays: Block[], body: (...addresses: number[]) => void): Float64Array[] {
  return withCanaries(arrays.map((x) => x.byteLength), (...addresses) => {
    arrays.forEach(({ buffer, byteOffset, byteLength }, i) => {
      bytes(addresses[i]!, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    });
    body(...addresses);
    return arrays.map((x, i) => doubles(addresses[i]!, Math.floor(x.byteLength / 8)).slice());
  });
}

function dense(length: number, seed: number): Float64Array<ArrayBuffer> {
  return numbers(seed).doubles(length);
}

inBothBuilds("bidiagonalise() makes the reflectors and the bidiagonal matrix of its twin", () => {
  for (const n of SIZES) {
    for (const m of [n, n + 1, n + 2, n + 3, 2 * n + 5]) {
      for (const rank of [n, 1]) {
        const a = dense(m * n, m * 64 + n);
        if (rank === 1) a.forEach((_, q) => a[q] = a[q % n]! * (q < n ? 1 : 0.5));
        const twin = a.slice(), expected = reference.bidiagonalise(m, n, twin);
        const short = new Float64Array(n).fill(NaN), long = new Float64Array(m).fill(NaN);
        const [right, left, d, e, tauLeft, tauRight] = run(
          [a, new Float64Array(n * m), short, short, short, short, short, long],
          (pa, pl, pd, pe, pt, pr, px, py) => {
            kernels().bidiagonalise(m, n, pa!, n * 8, pl!, m * 8, pd!, pe!, pt!, pr!, px!, py!);
          },
        );
        if (rank === 1) {
          // what follows the first step is rounding alone
          assertAlmostEquals(d![0]!, expected.d[0]!, 1e-12);
          assert(d!.subarray(1).every((x) => Math.abs(x) < 1e-13));
          continue;
        }
        assertClose(d!, expected.d, 1e-11, "d");
        assertClose(e!, expected.e, 1e-11, "e");
        assertClose(tauLeft!, expected.tauLeft, 1e-11, "left factors");
        assertClose(tauRight!, expected.tauRight, 1e-11, "right factors");
        for (let j = 0; j < n; j++) {
          const vector = (all: Float64Array, size: number, from: number): Float64Array =>
            all.slice(j * size + from, (j + 1) * size);
          if (tauLeft![j] !== 0) {
            assertClose(vector(left!, m, j), vector(expected.left, m, j), 1e-11, "left");
          }
          if (tauRight![j] !== 0) {
            assertClose(vector(right!, n, j + 1), vector(twin, n, j + 1), 1e-11, "right");
          }
        }
      }
    }
  }
});

/** Runs bidiagonalSweeps with this room until it ends; the rotations of either side, and d. */
function sweepAll(
  d: Float64Array<ArrayBuffer>,
  e: Float64Array<ArrayBuffer>,
  capacity: number,
): { values: Float64Array; sweeps: reference.SweepPair[] } {
  const n = d.length, sweeps: reference.SweepPair[] = [];
  const pairs = (at: number, count: number): [number, number][] => {
    const flat = doubles(at, 2 * count);
    return Array.from({ length: count }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
  };
  const room = [new Float64Array(capacity), new Float64Array(2 * capacity)] as const;
  const [values] = run(
    [d, e, new Int32Array(4), room[0], room[1], room[1]],
    (pd, pe, state, ps, pl, pr) => {
      integers(state!, 3).fill(0);
      for (let status = 0; status === 0;) {
        status = kernels().bidiagonalSweeps(n, pd!, pe!, state!, ps!, pl!, pr!, capacity);
        assert(status >= 0);
        for (let q = 0, offset = 0; q < integers(state!, 3)[2]!; q++) {
          const [first, count] = integers(ps! + 8 * q, 2) as unknown as [number, number];
          const left: Sweep = { first, rotations: pairs(pl! + offset, count) };
          sweeps.push({ left, right: { first, rotations: pairs(pr! + offset, count) } });
          offset += 16 * count;
        }
      }
    },
  );
  return { values: values!, sweeps };
}

inBothBuilds("bidiagonalSweeps() gives the bits of its twin, in one call and in many", () => {
  for (const n of [0, ...SIZES]) {
    for (const zero of [-1, 0, n >> 1, n - 1]) {
      const d = dense(n, n), e = dense(n, n + 50);
      if (n > 0) e[0] = 0;
      if (zero >= 0 && zero < n) d[zero] = 0;
      const [dTwin, eTwin] = [d.slice(), e.slice()];
      const { sweeps, converged } = reference.bidiagonalSweeps(n, dTwin, eTwin);
      assert(converged);
      for (const capacity of [Math.max(1, n), 4 * n * n + 1]) {
        const found = sweepAll(d, e, capacity);
        assertEquals(found.values, dTwin);
        assertEquals(found.sweeps, sweeps);
      }
    }
  }
});

inBothBuilds(
  "bidiagonalSweeps() ends on matrices that grow downwards from nothing, as its twin",
  () => {
    const powers = [-600, -600, -509, -452, -452, -149, -55, -12, -8, -3, -95, -600];
    const d = Float64Array.from(
      powers,
      (x, i) => i === 1 || i === 11 ? 0 : (i % 2 ? -1 : 1) * 2 ** x,
    );
    const e = d.map((x, i) => i === 0 ? 0 : x / 2 + (i > 6 && i < 11 ? 0.25 : 0));
    const [dTwin, eTwin] = [d.slice(), e.slice()];
    const { sweeps, converged } = reference.bidiagonalSweeps(12, dTwin, eTwin);
    assert(converged && sweeps.length > 15 * 12, `${sweeps.length} sweeps`);
    const found = sweepAll(d, e, 8000);
    assertEquals(found.values, dTwin);
    assertEquals(found.sweeps, sweeps);
  },
);

inBothBuilds("bidiagonalSweeps() makes a diagonal matrix by true rotations", () => {
  const n = 17;
  for (const scale of [0, -200, -480, -510]) {
    const d = dense(n, 3 - scale).map((x) => x * 2 ** scale);
    const e = dense(n, 4 - scale).map((x) => x * 2 ** scale);
    const { values, sweeps } = sweepAll(d, e, 4 * n * n);
    const [u, v] = [new Float64Array(n * n), new Float64Array(n * n)];
    // the rows are reversed: index i is row n − 1 − i
    for (let i = 0; i < n; i++) u[i * n + n - 1 - i] = v[i * n + n - 1 - i] = 1;
    applySweeps(n, u, sweeps.map(({ left }) => left));
    applySweeps(n, v, sweeps.map(({ right }) => right));
    for (const { left, right } of sweeps) {
      for (const [t, s] of [...left.rotations, ...right.rotations]) {
        assertAlmostEquals((1 - t * s) ** 2 + s * s, 1, 1e-15);
      }
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let product = 0;
        for (let p = 0; p < n; p++) {
          const next = p + 1 < n ? e[p + 1]! * v[(n - 1 - j) * n + p + 1]! : 0;
          product += u[(n - 1 - i) * n + p]! * (d[p]! * v[(n - 1 - j) * n + p]! + next);
        }
        assertAlmostEquals(product / 2 ** scale, i === j ? values[i]! / 2 ** scale : 0, 1e-13);
      }
    }
  }
});

inBothBuilds("bidiagonalSweeps() reports what does not converge, and ends", () => {
  const n = 4, bad = new Float64Array(n).fill(NaN), room = new Float64Array(2000);
  run([bad, bad, new Int32Array(4), room, room, room], (d, e, state, sweeps, left, right) => {
    const status = kernels().bidiagonalSweeps(n, d!, e!, state!, sweeps!, left!, right!, 1000);
    assertEquals(status, -1);
    assertEquals(integers(state!, 2)[1], 30 * n);
  });
});
