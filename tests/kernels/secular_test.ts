import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { bytes, doubles, integers, kernels } from "../../src/kernels/mod.ts";
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
  return run([d, z, new Float64Array(k), new Int32Array(k)], (pd, pz, tau, origin) => {
    assertEquals(kernels().secularRoots(k, pd!, pz!, rho, tau!, origin!), -1);
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
    run([d, z, new Float64Array(k), new Int32Array(k)], (pd, pz, tau, origin) => {
      assertEquals(kernels().secularRoots(k, pd!, pz!, 1, tau!, origin!), 0);
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
          kernels().secularWeights(k, pp!, pl!, tau!, origin!, pz!, w!);
          const found = doubles(pz!, k).slice();
          order.forEach((i, p) => {
            const relative = found[p]! / weights[i]!;
            assertAlmostEquals(relative, 1, 1e-13, `${name}, weight ${i} of ${k}`);
          });
          kernels().secularVectors(k, pp!, pl!, tau!, origin!, pz!, u!, row);
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
          kernels().secularWeights(k, pd!, pl!, pt!, po!, pz!, w!);
          // what the formula of Löwner gives is the weights themselves, but for rounding
          const square = doubles(pz!, k).reduce((sum, x) => sum + x * x, 0);
          doubles(pz!, k).forEach((x, p) => {
            const wanted = Math.abs(z[p]!);
            assertAlmostEquals(Math.abs(x) / Math.sqrt(square), wanted, 1e-13, `${name}, ${k}`);
          });
          kernels().secularVectors(k, pd!, pl!, pt!, po!, pz!, u!, 8 * k);
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

inBothBuilds("rotateRows() rotates two rows and nothing else", () => {
  for (const n of SIZES) {
    const x = numbers(n + 1).doubles(n), y = numbers(n + 2).doubles(n);
    const [xTwin, yTwin] = [x.slice(), y.slice()];
    reference.rotateRows(xTwin, yTwin, 0.6, 0.8);
    run([x, y], (px, py) => {
      kernels().rotateRows(n, px!, py!, 0.6, 0.8);
      doubles(px!, n).forEach((value, i) => assertAlmostEquals(value, xTwin[i]!, 1e-15));
      doubles(py!, n).forEach((value, i) => assertAlmostEquals(value, yTwin[i]!, 1e-15));
    });
  }
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
