import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { bytes, doubles, integers, kernels } from "../../src/kernels/mod.ts";
import * as deflation from "../../src/kernels/reference/deflation.ts";
import * as reference from "../../src/kernels/reference/secular.ts";
import { inBothBuilds } from "../support/builds.ts";
import { type Block, withCanaries } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";

const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33];

interface Update {
  readonly d: Float64Array<ArrayBuffer>;
  readonly z: Float64Array<ArrayBuffer>;
  readonly rho: number;
}

/** Updates with poles as close and weights as small as deflation lets pass, of every kind. */
function updates(k: number): Record<string, Update> {
  const random = numbers(k + 1),
    even = Float64Array.from({ length: k }, (_, i) => (i - k / 2) / 33);
  const make = (d: (x: number, i: number) => number, z: () => number, rho = 1): Update => {
    const weights = even.map(z), size = Math.hypot(...weights);
    return { d: even.map(d).sort(), z: weights.map((x) => x / size), rho };
  };
  const sign = (): number => random.next(-1, 1) < 0 ? -1 : 1;
  const any = (): number => random.next(-1, 1) || 1;
  return {
    even: make((x) => x, () => 1),
    random: make((_, i) => random.next(-1, 1) + i * 1e-9, any),
    "small weights": make((x) => x, () => sign() * 10 ** random.next(-14, 0)),
    "close poles": make((_, i) => (i % 2) / 2 + i * 1e-14, any),
    "small update": make((x) => x, any, 1e-14),
    "poles that hardly differ": make((x) => x * 1e-12, any),
    graded: make((_, i) => 2 ** -i, () => sign() * 10 ** random.next(-7, 0), 0.5),
    "pole at zero": make((_, i) => i / 64, any),
  };
}

/** Calls a kernel on arrays copied to blocks between canaries, which `body` gets by address. */
function run<T>(arrays: Block[], body: (...addresses: number[]) => T): T {
  return withCanaries(arrays.map((x) => x.byteLength), (...addresses) => {
    arrays.forEach(({ buffer, byteOffset, byteLength }, i) => {
      bytes(addresses[i]!, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    });
    return body(...addresses);
  });
}

function rootsOf({ d, z, rho }: Update): reference.Roots {
  const k = d.length;
  const room = [new Float64Array(k), new Int32Array(k), new Float64Array(3 * k)];
  return run([d, z, ...room], (pd, pz, tau, origin, room) => {
    assertEquals(kernels().secularRoots(k, pd!, pz!, rho, tau!, origin!, room!), -1);
    assertEquals(doubles(pz!, k), z.map((x) => x * x));
    return { tau: doubles(tau!, k).slice(), origin: integers(origin!, k).slice() };
  });
}

/** A shuffled order, and its inverse. */
function shuffled(k: number): { order: number[]; place: Int32Array<ArrayBuffer> } {
  const order = Array.from({ length: k }, (_, i) => i), random = numbers(k + 9);
  for (let i = k - 1; i > 0; i--) {
    const j = random.whole(1, 0, i)[0]!;
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const place = new Int32Array(k);
  order.forEach((from, to) => place[from] = to);
  return { order, place };
}

inBothBuilds("secularRoots() finds the roots its twin does, in their intervals", () => {
  for (const k of SIZES) {
    for (const [name, update] of Object.entries(updates(k))) {
      const { d, z, rho } = update, found = rootsOf(update);
      const expected = reference.secularRoots(d, z, rho);
      const norm = Math.max(...d.map(Math.abs), rho);
      found.tau.forEach((tau, i) => {
        const root = d[found.origin[i]!]! + tau;
        const twin = d[expected.origin[i]!]! + expected.tau[i]!;
        assertAlmostEquals(root, twin, 8 * Number.EPSILON * norm, `${name}, ${i} of ${k}`);
        const after = found.origin[i] === i;
        assert(after || found.origin[i] === i + 1);
        const gap = i < k - 1 ? d[i + 1]! - d[i]! : 2 * rho + 1;
        assert(after ? tau > 0 && tau < gap : tau < 0 && -tau < gap, `${name}, ${i} of ${k}`);
      });
    }
  }
});

inBothBuilds("secularRoots() is right to the rounding errors of the equation", () => {
  for (const k of SIZES) {
    for (const [name, update] of Object.entries(updates(k))) {
      const { d, z, rho } = update, { tau, origin } = rootsOf(update);
      for (let i = 0; i < k; i++) {
        const terms = Array.from(d, (x, j) => z[j]! ** 2 / ((x - d[origin[i]!]!) - tau[i]!));
        const size = terms.reduce((sum, x) => sum + Math.abs(x), 1 / rho);
        const slope = terms.reduce((sum, x, j) => sum + (x / z[j]!) ** 2, 0);
        const f = Math.abs(terms.reduce((sum, x) => sum + x, 1 / rho));
        const errors = Number.EPSILON * ((8 + k) * size + 2 * Math.abs(tau[i]!) * slope);
        assert(f <= errors, `${name}, ${i} of ${k}: ${f} is not within ${errors}`);
      }
    }
  }
});

inBothBuilds("secularRoots() tells which root has no solution, and ends", () => {
  for (const k of [2, 5]) {
    const z = new Float64Array(k).fill(0.5);
    z[k - 1] = NaN;
    const d = z.map((_, i) => i);
    const room = [new Float64Array(k), new Int32Array(k), new Float64Array(3 * k)];
    run([d, z, ...room], (pd, pz, tau, origin, room) => {
      assertEquals(kernels().secularRoots(k, pd!, pz!, 1, tau!, origin!, room!), 0);
    });
  }
});

inBothBuilds("secularWeights() and secularVectors() agree with their twins in any order", () => {
  for (const k of SIZES) {
    const { order, place } = shuffled(k);
    for (const [name, update] of Object.entries(updates(k))) {
      const { d, z } = update, roots = rootsOf(update);
      const weights = reference.secularWeights(d, roots, z);
      const vectors = reference.secularVectors(d, roots, weights);
      const poles = Float64Array.from(order, (i) => d[i]!);
      const signs = Float64Array.from(order, (i) => z[i]!);
      const row = 8 * k + 16, empty = new Float64Array(k);
      run(
        [poles, place, Float64Array.from(roots.tau), Int32Array.from(roots.origin), signs].concat(
          [empty, new Float64Array(k * row / 8)],
        ),
        (pp, pl, tau, origin, pz, w, u) => {
          kernels().secularWeights(k, pp!, pl!, tau!, origin!, pz!, w!, u!, row);
          const found = doubles(pz!, k).slice();
          order.forEach((i, p) => {
            const relative = found[p]! / weights[i]!;
            assertAlmostEquals(relative, 1, 1e-13, `${name}, weight ${i} of ${k}`);
          });
          for (let i = 0; i < k; i++) {
            const inverses = doubles(u! + i * row, k);
            order.forEach((from, p) => {
              const distance = (d[from]! - d[roots.origin[i]!]!) - roots.tau[i]!;
              assertAlmostEquals(inverses[p]! * distance, 1, 1e-15, `${name}, ${k}`);
            });
          }
          kernels().secularVectors(k, pz!, u!, row);
          for (let i = 0; i < k; i++) {
            const vector = doubles(u! + i * row, k);
            order.forEach((from, p) => {
              assertAlmostEquals(vector[p]!, vectors[i * k + from]!, 1e-13, `${name}, ${k}`);
            });
          }
        },
      );
    }
  }
});

inBothBuilds("secularVectors() are orthogonal however close the roots are", () => {
  for (const k of SIZES) {
    const place = Int32Array.from({ length: k }, (_, i) => i);
    for (const [name, update] of Object.entries(updates(k))) {
      const { d, z } = update, { tau, origin } = rootsOf(update);
      const room = [new Float64Array(k), new Float64Array(k * k)];
      run(
        [d, place, Float64Array.from(tau), Int32Array.from(origin), z, ...room],
        (pd, pl, pt, po, pz, w, u) => {
          kernels().secularWeights(k, pd!, pl!, pt!, po!, pz!, w!, u!, 8 * k);
          // what the formula of Löwner gives is the weights themselves, but for rounding
          const square = doubles(pz!, k).reduce((sum, x) => sum + x * x, 0);
          doubles(pz!, k).forEach((x, p) => {
            const wanted = Math.abs(z[p]!);
            assertAlmostEquals(Math.abs(x) / Math.sqrt(square), wanted, 1e-13, `${name}, ${k}`);
          });
          kernels().secularVectors(k, pz!, u!, 8 * k);
          for (let i = 0; i < k; i++) {
            for (let j = 0; j <= i; j++) {
              const dot = kernels().dot_f64(k, u! + 8 * k * i, u! + 8 * k * j);
              assertAlmostEquals(dot, i === j ? 1 : 0, 1e-14, `${name}, ${i} and ${j} of ${k}`);
            }
          }
        },
      );
    }
  }
});

inBothBuilds("secularPartners() are A·v/σ, and as orthogonal as the right vectors", () => {
  for (const k of SIZES.slice(1)) {
    const place = Int32Array.from({ length: k }, (_, i) => i);
    for (const [name, { d: some, z }] of Object.entries(updates(k))) {
      // ascending from zero, and apart
      const d = some.map((x, i) => i === 0 ? 0 : x - some[0]! + 1e-15 * i),
        poles = d.map((x) => x * x);
      const { tau, origin } = rootsOf({ d: poles, z, rho: 1 });
      const sigma = Float64Array.from(tau, (t, i) => Math.sqrt(poles[origin[i]!]! + t));
      const room = [new Float64Array(k), new Float64Array(k * k)];
      run(
        [poles, d, place, Float64Array.from(tau), Int32Array.from(origin), z, sigma, ...room],
        (pp, pd, pl, pt, po, pz, ps, w, v) => {
          kernels().secularWeights(k, pp!, pl!, pt!, po!, pz!, w!, v!, 8 * k);
          kernels().secularVectors(k, pz!, v!, 8 * k);
          const weights = doubles(pz!, k).slice(), right = doubles(v!, k * k).slice();
          kernels().secularPartners(k, pd!, 0, weights[0]!, ps!, v!, 8 * k);
          const twin = reference.secularPartners(d, 0, weights[0]!, sigma, right);
          const found = doubles(v!, k * k).slice();
          found.forEach((x, q) => assertAlmostEquals(x, twin[q]!, 1e-14, `${name}, ${k}`));
          for (let i = 0; i < k; i++) {
            const from = right.subarray(i * k, (i + 1) * k);
            const sum = from.reduce((total, x, p) => total + weights[p]! * x, 0);
            from.forEach((x, p) => {
              const wanted = (p === 0 ? sum : d[p]! * x) / sigma[i]!, scale = 1e-14 / sigma[i]!;
              assertAlmostEquals(found[i * k + p]!, wanted, 1e-13 + scale, `${name}, ${k}`);
            });
            for (let j = 0; j <= i; j++) {
              const dot = kernels().dot_f64(k, v! + 8 * k * i, v! + 8 * k * j);
              assertAlmostEquals(dot, i === j ? 1 : 0, 1e-13, `${name}, ${i} and ${j} of ${k}`);
            }
          }
        },
      );
    }
  }
});

inBothBuilds("deflate() keeps what is pinned, and turns both sets of rows alike", () => {
  const n = 12, random = numbers(7);
  const values = Float64Array.from({ length: n }, (_, i) => i === 0 ? 0 : Math.floor(i / 3) / 4);
  const weights = values.map((_, i) => i === 0 ? 1e-30 : i === 5 ? 1e-18 : 0.3);
  const order = Int32Array.from(values.keys()),
    list = (): Int32Array<ArrayBuffer> => new Int32Array(n);
  const z = random.doubles(n * 5), z2 = z.slice();
  const arrays = [values, weights, order, z, z2, list(), list(), list(), new Int32Array(3)];
  run(arrays, (pv, pw, po, pz, pz2, rows, place, kind, counts) => {
    kernels().deflate(
      ...[n, 4, 1, pv!, pw!, po!, 5, pz!, 40, 5, pz2!, 40, 1] as const,
      ...[rows!, place!, kind!, counts!] as const,
    );
    const [k, left, full] = integers(counts!, 3) as unknown as [number, number, number];
    // of 1 and 2 one is left, of 3 and 4 (5 has no weight), of 6, 7, 8, and of 9, 10, 11
    assertEquals([...integers(po!, k)], [0, 2, 4, 8, 11]);
    assertEquals([left, full], [1, 2], "0 is pinned, 4 mixes both halves");
    assertEquals(integers(rows!, n)[integers(place!, 1)[0]!], 0);
    assertEquals(doubles(pz!, n * 5), doubles(pz2!, n * 5));
    assert(doubles(pz!, n * 5).some((x, q) => x !== z[q]));
    assertEquals(doubles(pw!, 1)[0], 1e-30);
  });
});

inBothBuilds("deflate() sets aside what its twin does, rotates the rows, and groups them", () => {
  const seen = { settled: 0, rotated: 0, full: 0 };
  for (const n of SIZES) {
    for (const rho of [0, 1e-17, 1e-3, 1]) {
      const random = numbers(n + 5), m = n >> 1;
      const values = Float64Array.from({ length: n }, () => random.whole(1, 0, 4)[0]! / 4);
      values.forEach((x, i) => values[i] = x + (i % 3 ? 0 : 1e-16 * random.next()));
      const weights = random.doubles(n).map((x, i) => i % 5 === 4 ? 1e-17 : x);
      const order = Int32Array.from(values.keys()).sort((i, j) => values[i]! - values[j]! || i - j);
      const z = random.doubles(n * n), twinZ = z.slice();
      const twin = { values: values.slice(), weights: weights.slice() };
      const expected = deflation.deflate(twin.values, twin.weights, rho, order);
      for (const { i, j, c, s } of expected.rotations) {
        for (let q = 0; q < n; q++) {
          const x = twinZ[i * n + q]!, y = twinZ[j * n + q]!;
          twinZ[i * n + q] = c * x + s * y;
          twinZ[j * n + q] = c * y - s * x;
        }
      }
      const groups = deflation.groupRows(m, n, expected), k = expected.kept.length;
      const list = (): Int32Array<ArrayBuffer> => new Int32Array(n);
      const arrays = [values, weights, order, z, list(), list(), list(), new Int32Array(3)];
      run(arrays, (pv, pw, po, pz, rows, place, kind, counts) => {
        kernels().deflate(
          ...[n, m, rho, pv!, pw!, po!, n, pz!, 8 * n, 0, 0, 0, 0] as const,
          ...[rows!, place!, kind!, counts!] as const,
        );
        assertEquals([...integers(counts!, 3)], [k, groups.left, groups.full]);
        assertEquals([...integers(po!, k)], expected.kept);
        assertEquals([...integers(rows!, n)], [...groups.rows, ...expected.settled.reverse()]);
        assertEquals([...integers(place!, k)], expected.kept.map((i) => groups.rows.indexOf(i)));
        assertEquals([doubles(pv!, n), doubles(pw!, n)], [twin.values, twin.weights]);
        doubles(pz!, n * n).forEach((x, q) => assertAlmostEquals(x, twinZ[q]!, 1e-14));
      });
      seen.settled += expected.settled.length - expected.rotations.length;
      seen.rotated += expected.rotations.length;
      seen.full += groups.full;
    }
  }
  assert(seen.settled > 20 && seen.rotated > 20 && seen.full > 5, JSON.stringify(seen));
});

inBothBuilds("take_f64() takes entries in any order", () => {
  const x = numbers(1).doubles(9), order = Int32Array.from([8, 0, 0, 3, 5]);
  run([x, order, new Float64Array(5)], (px, po, out) => {
    kernels().take_f64(5, px!, po!, out!);
    assertEquals(doubles(out!, 5), reference.take_f64(x, order));
  });
});

inBothBuilds("takeRows() takes rows in any order, and as often as wanted", () => {
  for (const n of SIZES) {
    for (const order of [[], [2], [4, 0, 0, 3]]) {
      const a = numbers(n + 1).doubles(5 * n), out = new Float64Array(order.length * n);
      run([a, Int32Array.from(order), out], (pa, po, out) => {
        kernels().takeRows(order.length, n, pa!, 8 * n, po!, out!, 8 * n);
        assertEquals(doubles(out!, order.length * n), reference.takeRows(n, a, order));
      });
    }
  }
});
