import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { bytes, doubles, integers, kernels } from "../../src/kernels/mod.ts";
import * as reference from "../../src/kernels/reference/linalg.ts";
import { inBothBuilds } from "../support/builds.ts";
import { type Block, withCanaries } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";

const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

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

function assertClose(actual: Float64Array, expected: Float64Array, tolerance = 1e-12): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((x, i) => assertAlmostEquals(x, expected[i]!, tolerance));
}

function dense(length: number, seed: number): Float64Array<ArrayBuffer> {
  return numbers(seed).doubles(length);
}

function symmetric(n: number, seed: number): Float64Array<ArrayBuffer> {
  const a = dense(n * n, seed);
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j]!;
  return a;
}

inBothBuilds("dot_f64() is the sum of the products", () => {
  for (const n of SIZES) {
    const x = dense(n, n), y = dense(n, n + 100);
    run([x, y], (px, py) => {
      assertAlmostEquals(kernels().dot_f64(n, px!, py!), reference.dot_f64(x, y), 1e-13);
    });
  }
});

inBothBuilds("transpose_f64() moves every entry across the diagonal", () => {
  for (const m of SIZES) {
    for (const n of SIZES) {
      const x = dense(m * n, m * 64 + n);
      const [, y] = run(
        [x, new Float64Array(m * n)],
        (px, py) => kernels().transpose_f64(m, n, px!, n * 8, py!, m * 8),
      );
      assertEquals(y, reference.transpose_f64(m, n, x));
    }
  }
});

inBothBuilds("symmetrise() averages across the diagonal and tells the largest difference", () => {
  for (const n of SIZES) {
    const a = dense(n * n, n), twin = a.slice();
    const expected = reference.symmetrise(n, twin, 2 ** 600, 2 ** 400);
    const [, out] = run([a, new Float64Array(n * n)], (pa, po) => {
      const found = kernels().symmetrise(n, pa!, n * 8, 2 ** 600, 2 ** 400, po!, n * 8);
      assertEquals(found, expected);
    });
    assertEquals(out, twin);
  }
});

inBothBuilds("tridiagonalise() makes the reflectors and the tridiagonal matrix of its twin", () => {
  for (const n of SIZES) {
    const a = symmetric(n, n), twin = a.slice(), expected = reference.tridiagonalise(n, twin);
    const empty = new Float64Array(n);
    const [vectors, d, e, tau] = run(
      [a, empty, empty, empty, empty],
      (pa, pd, pe, pt, work) => kernels().tridiagonalise(n, pa!, n * 8, pd!, pe!, pt!, work!),
    );
    assertClose(d!, expected.d);
    assertClose(e!, expected.e);
    assertClose(tau!, expected.tau);
    for (let i = 1; i < n; i++) {
      if (expected.tau[i] === 0) continue;
      assertClose(vectors!.slice(i * n, i * n + i), twin.slice(i * n, i * n + i));
    }
  }
});

/** Rows of n numbers with zeros after them, up to a multiple of four. */
function padded(x: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const width = Math.ceil(n / 4) * 4, m = n === 0 ? 0 : x.length / n;
  const out = new Float64Array(m * width);
  for (let i = 0; i < m; i++) out.set(x.subarray(i * n, (i + 1) * n), i * width);
  return out;
}

inBothBuilds("applyReflectors() applies what tridiagonalise() keeps, in its order", () => {
  for (const n of SIZES) {
    const row = Math.ceil(n / 4) * 32;
    for (const m of [0, 1, 3, 4, 5, 8, 11]) {
      const vectors = dense(n * n, n), tau = dense(n, n + 1).map((x) => x / 4);
      const z = dense(m * n, m + n), room = new Float64Array(n);
      const first = m % 3;
      if (n > 3) tau[2] = 0;
      const [, , out] = run(
        [padded(vectors, n), tau, padded(z, n), room],
        (pv, pt, pz, work) =>
          kernels().applyReflectors(m, first, n, pv!, row, pt!, pz!, row, work!),
      );
      assertClose(out!, padded(reference.applyReflectors(m, first, n, vectors, tau, z), n), 1e-9);
    }
  }
});

/** A symmetric tridiagonal matrix, and room for its sweeps: what qlSweeps() takes of either. */
function forSweeps(d: Float64Array<ArrayBuffer>, e: Float64Array<ArrayBuffer>): Block[] {
  const n = d.length, rotations = 60 * n * Math.max(0, n - 1);
  return [d, e, new Int32Array(4), new Float64Array(30 * n), new Float64Array(rotations)];
}

inBothBuilds("qlSweeps() gives the bits of its twin for either matrix, whatever the other", () => {
  for (const n of SIZES) {
    for (const other of [0, 1, n, 20]) {
      const twins = [n, other].map((size, i) => {
        const d = dense(size, size + 7 * i), e = dense(size, size + 50 + i);
        const values = d.slice(), { sweeps } = reference.qlSweeps(size, values, e.slice());
        return { given: forSweeps(d, e), values, sweeps };
      });
      run(twins.flatMap(({ given }) => given), (...at) => {
        const [one, two] = [at.slice(0, 5), at.slice(5)] as unknown as [Five, Five];
        assertEquals(kernels().qlSweeps(n, ...one, other, ...two), 1);
        [one, two].forEach(([d, , state, sweeps, rotations], i) => {
          const expected = twins[i]!, size = expected.values.length;
          assertEquals(doubles(d, size), expected.values);
          const [found, count, total] = integers(state, 3);
          assertEquals([found, count], [size, expected.sweeps.length]);
          const pairs = doubles(rotations, 2 * total!), entries = integers(sweeps, 2 * count!);
          assertEquals([...entries], expected.sweeps.flatMap((x) => [x.first, x.rotations.length]));
          assertEquals([...pairs], expected.sweeps.flatMap((x) => x.rotations.flat()));
        });
      });
    }
  }
});

type Five = [d: number, e: number, state: number, sweeps: number, rotations: number];

inBothBuilds("qlSweeps() makes true rotations however small the numbers are", () => {
  const n = 33;
  let total = 0;
  for (let scale = -490; scale >= -510; scale--) {
    const given = [0, 2].flatMap((seed) =>
      forSweeps(
        dense(n, seed - scale).map((x) => x * 2 ** scale),
        dense(n, seed + 1 - scale).map((x) => x * 2 ** scale),
      )
    );
    run(given, (...at) => {
      const [one, two] = [at.slice(0, 5), at.slice(5)] as unknown as [Five, Five];
      assertEquals(kernels().qlSweeps(n, ...one, n, ...two), 1);
      for (const [, , state, , rotations] of [one, two]) {
        const count = integers(state, 3)[2]!, pairs = doubles(rotations, 2 * count);
        total += count;
        for (let q = 0; q < count; q++) {
          const t = pairs[2 * q]!, s = pairs[2 * q + 1]!;
          assertAlmostEquals((1 - t * s) ** 2 + s * s, 1, 1e-15);
        }
      }
    });
  }
  assert(total > 2000);
});

inBothBuilds("qlSweeps() reports what does not converge, and ends", () => {
  const n = 4, bad = new Float64Array(n).fill(NaN);
  for (const badOne of [true, false]) {
    const given = [badOne, !badOne].flatMap((isBad) =>
      isBad ? forSweeps(bad, bad) : forSweeps(dense(n, 1), dense(n, 2))
    );
    run(given, (...at) => {
      const [one, two] = [at.slice(0, 5), at.slice(5)] as unknown as [Five, Five];
      assertEquals(kernels().qlSweeps(n, ...one, n, ...two), 0);
      assertEquals(integers(badOne ? one[2] : two[2], 2)[1], 30 * n);
    });
  }
});

inBothBuilds(
  "applySweeps() rotates rows as its twin does, whatever blocks the sweeps are in",
  () => {
    for (const n of SIZES.filter((n) => n > 1)) {
      const random = numbers(n);
      const pick = (size: number): number => random.whole(1, 0, size - 1)[0]!;
      const sweeps = Array.from({ length: 11 }, () => {
        const first = pick(n - 1), count = 1 + pick(first + 1);
        const rotations = Array.from({ length: count }, () => {
          const s = random.next(-1, 1);
          return [s / (1 + Math.sqrt(1 - s * s)), s] as const;
        });
        return { first, rotations };
      });
      for (const taken of [0, 1, 2, 11]) {
        const used = sweeps.slice(0, taken);
        const l = (n * 7) % 23, z = dense(n * l, n + 7), twin = z.slice();
        reference.applySweeps(l, twin, used);
        const strips = new Float64Array(Math.ceil(l / 16) * (n + 3) * 16);
        const order = Int32Array.from({ length: n }, (_, i) => (i + 1) % n);
        const [out] = run(
          [
            z,
            strips,
            Int32Array.from(used.flatMap((q) => [q.first, q.rotations.length])),
            Float64Array.from(used.flatMap((q) => q.rotations.flat())),
            order,
          ],
          (pz, ps, pw, pr, po) => {
            kernels().toStrips(n, l, pz!, l * 8, ps!);
            kernels().applySweeps(n, l, ps!, taken, pw!, pr!);
            doubles(pz!, n * l).fill(NaN);
            kernels().fromStrips(n, l, ps!, po!, pz!, l * 8);
          },
        );
        for (let i = 0; i < n; i++) {
          const from = (i + 1) % n;
          assertClose(out!.slice(i * l, (i + 1) * l), twin.slice(from * l, (from + 1) * l), 1e-13);
        }
      }
    }
  },
);

inBothBuilds("householderRows() factorises as its twin does, from any row on", () => {
  for (const m of SIZES.filter((m) => m > 0)) {
    for (const first of [0, 1, 3].filter((first) => first < m)) {
      const k = m - first;
      const w = dense(m * m, m), twin = w.slice();
      const expected = reference.householderRows(m, first, k, twin);
      const [out, diagonal, tau] = run(
        [w, new Float64Array(k), new Float64Array(k)],
        (pw, pd, pt) => kernels().householderRows(m, first, k, pw!, m * 8, pd!, pt!),
      );
      assertClose(out!, twin);
      assertClose(diagonal!, expected.diagonal);
      assertClose(tau!, expected.tau);
    }
  }
});

inBothBuilds("gatherReflectors() takes the vectors and nothing else", () => {
  for (const n of SIZES) {
    for (const k of [0, 1, n >> 1, n].filter((k) => k <= n)) {
      const a = dense(k * n, n);
      for (const before of [false, true]) {
        const [, out] = run(
          [a, new Float64Array(k * n).fill(NaN)],
          (pa, po) => kernels().gatherReflectors(k, n, pa!, n * 8, before ? 1 : 0, po!, n * 8),
        );
        assertEquals(out, reference.gatherReflectors(k, n, a, before));
      }
    }
  }
});

inBothBuilds("blockFactor() gives the factor of its twin", () => {
  for (const k of SIZES) {
    const gram = symmetric(k, k).map((x) => x / 8), tau = dense(k, k + 1);
    const [, , out] = run(
      [gram, tau, new Float64Array(k * k).fill(NaN)],
      (g, t, o) => kernels().blockFactor(k, g!, t!, o!),
    );
    assertClose(out!, reference.blockFactor(k, gram, tau));
  }
});

inBothBuilds("orientRows() makes the first of the largest entries positive", () => {
  for (const n of SIZES) {
    for (const l of [0, 1, n]) {
      const a = dense(3 * n, n), b = dense(3 * l, l);
      if (n > 1) a.set([-1, 1 + 1e-12], n);
      const [aTwin, bTwin] = [a.slice(), b.slice()];
      reference.orientRows(3, n, aTwin, l, bTwin);
      const [out, partner] = run(
        [a, b],
        (pa, pb) => kernels().orientRows(3, n, pa!, n * 8, l, pb!, l * 8),
      );
      assertEquals(out, aTwin);
      assertEquals(partner, bTwin);
      assert(!(n > 1 && out![n]! < 0), "a tie was not given to the first entry");
      assert(!(n > 1 && l > 0 && partner![l]! !== -b[l]!), "the other rows did not follow");
    }
  }
});

inBothBuilds("worstResidual() and worstDeviation() agree with their twins", () => {
  for (const n of SIZES) {
    for (const m of [0, 1, 3]) {
      const p = dense(m * n, n), z = dense(m * n, n + 1), values = dense(m, n + 2);
      run([p, z, values], (pp, pz, pv) => {
        assertAlmostEquals(
          kernels().worstResidual(m, n, pp!, pz!, n * 8, pv!),
          reference.worstResidual(m, n, p, z, values),
          1e-13,
        );
        if (m > n) return;
        assertEquals(
          kernels().worstDeviation(m, n, pp!, n * 8),
          reference.worstDeviation(m, n, p),
        );
      });
    }
  }
});

inBothBuilds("rowDots() and addRows() multiply a matrix by a vector from either side", () => {
  for (const n of SIZES) {
    for (const m of SIZES) {
      const a = dense(m * n, m * 64 + n), x = dense(n, n), c = dense(m, m), y = dense(n, 1);
      const sum = y.slice();
      reference.addRows(m, n, -0.5, a, c, sum);
      const [, , , found, changed] = run(
        [a, x, c, new Float64Array(m).fill(NaN), y],
        (pa, px, pc, pf, py) => {
          kernels().rowDots(m, n, pa!, n * 8, px!, pf!);
          kernels().addRows(m, n, -0.5, pa!, n * 8, pc!, py!);
        },
      );
      assertClose(found!, reference.rowDots(m, n, a, x), 1e-13);
      assertClose(changed!, sum, 1e-13);
    }
  }
});

inBothBuilds("choleskyPanel() factorises as its twin does, and names the pivot that fails", () => {
  for (const k of SIZES) {
    for (const m of [k, k + 1, k + 9]) {
      const a = dense(m * k, m);
      for (let i = 0; i < k; i++) a[i * k + i] = k + 1;
      const twin = a.slice();
      assertEquals(reference.choleskyPanel(m, k, twin), -1);
      const [out] = run([a], (pa) => {
        assertEquals(kernels().choleskyPanel(m, k, pa!, k * 8), -1);
      });
      assertClose(out!, twin);
      for (const bad of [0, -1, NaN]) {
        if (k === 0) continue;
        const failing = a.slice(), pivot = k >> 1;
        failing[pivot * k + pivot] = bad;
        assertEquals(reference.choleskyPanel(m, k, failing.slice()), pivot);
        run([failing], (pa) => {
          assertEquals(kernels().choleskyPanel(m, k, pa!, k * 8), pivot);
        });
      }
    }
  }
});

inBothBuilds("upperSquares() counts what is above the diagonal twice", () => {
  for (const n of SIZES) {
    for (const m of [0, 1, n >> 1, n].filter((m) => m <= n)) {
      const g = dense(m * n, n + m);
      run([g], (p) => {
        for (const diagonal of [0, 1]) {
          const expected = reference.upperSquares(m, n, g, diagonal);
          assertAlmostEquals(
            kernels().upperSquares(m, n, p!, n * 8, diagonal),
            expected,
            1e-13 * (1 + expected),
          );
        }
      });
    }
  }
});

inBothBuilds("scaleRows() gives every row a factor of its own", () => {
  for (const n of SIZES) {
    const a = dense(3 * n, n), c = dense(3, 1), twin = a.slice();
    reference.scaleRows(3, n, -0.5, twin, c);
    const [out] = run([a, c], (pa, pc) => kernels().scaleRows(3, n, -0.5, pa!, n * 8, pc!));
    assertClose(out!, twin, 1e-15);
  }
});

inBothBuilds("largestMagnitude() sees every entry, and no number hides NaN", () => {
  for (const n of SIZES) {
    const x = dense(n, n);
    run([x], (p) => assertEquals(kernels().largestMagnitude(n, p!), reference.largestMagnitude(x)));
    for (let i = 0; i < n; i++) {
      for (const bad of [NaN, -Infinity]) {
        const hostile = x.slice();
        hostile[i] = bad;
        run([hostile], (p) => assertEquals(kernels().largestMagnitude(n, p!), Math.abs(bad)));
      }
    }
  }
});
