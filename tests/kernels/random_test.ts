import { assert, assertEquals, assertLess } from "@std/assert";
import { floats, kernels, type StreamPosition, withBlocks } from "../../src/kernels/mod.ts";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds, withBuild } from "../support/builds.ts";
import { type Block, invoke, unwritten } from "../support/canary.ts";
import { leakChecked } from "../support/leaks.ts";
import { LENGTHS } from "../support/sizes.ts";
import { distance, meanOf, normalDistribution } from "../support/statistics.ts";
import { assertClose, assertSame, ERRORS } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

const SIZES = [...LENGTHS, 31, 32, 64, 100];
const SEED: StreamPosition = [0x12345678, 0x0001e240, -5, 77, 0];
const POSITIONS: readonly StreamPosition[] = [
  [0, 0, 0, 0, 0],
  [-1, -1, -1, -1, 0],
  SEED,
  // the counter passes 2³² between blocks 2³⁰ − 1 and 2³⁰, and ends with block 2³² − 1
  [7, 0, 1, 0, 2 ** 30 - 1],
  [7, 0, 1, 0, 2 ** 31],
  [7, 0, 1, 0, 2 ** 32 - 7],
];

// Known answers of the authors' library Random123, tests/kat_vectors, "philox4x32 10".
const KNOWN = [
  { counter: [0, 0, 0, 0], key: [0, 0], words: "6627e8d5 e169c58d bc57ac4c 9b00dbd8" },
  {
    counter: [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    key: [0xffffffff, 0xffffffff],
    words: "408f276d 41c83b0e a20bc7c6 6d5451fd",
  },
  {
    counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    key: [0xa4093822, 0x299f31d0],
    words: "d16cfe09 94fdcceb 5001e420 24126ea1",
  },
] as const;

function bits(n: number, position: StreamPosition): Block {
  return invoke("randomBits", n, new Uint32Array(n), ...position).after[0]!;
}
function uniform(n: number, position: StreamPosition, low = 0, width = 1): Floats {
  return invoke("randomUniform", n, unwritten(n), ...position, low, width).after[0] as Floats;
}
function normal(n: number, position: StreamPosition, mean = 0, deviation = 1): Floats {
  return invoke("randomNormal", n, unwritten(n), ...position, mean, deviation).after[0] as Floats;
}

leakChecked("philox() gives the known answers of its authors", () => {
  for (const { counter, key, words } of KNOWN) {
    const found = reference.philox(counter, key).map((word) => word.toString(16).padStart(8, "0"));
    assertEquals(found.join(" "), words);
  }
});

inBothBuilds("randomBits() gives the known answer for seed 0 in its first lane", () => {
  const block = bits(16, [0, 0, 0, 0, 0]);
  const lane = [0, 4, 8, 12].map((i) => block[i]!.toString(16).padStart(8, "0"));
  assertEquals(lane.join(" "), KNOWN[0].words);
});

inBothBuilds("randomBits() and randomUniform() equal their twins", () => {
  for (const position of POSITIONS) {
    for (const n of SIZES) {
      const what = `${n} numbers at ${position}`;
      assertSame(bits(n, position), reference.randomBits(n, ...position), what);
      for (const [low, width] of [[0, 1], [-3, 0.1]] as const) {
        const twin = reference.randomUniform(n, ...position, low, width);
        assertSame(uniform(n, position, low, width), twin, what);
      }
    }
  }
});

inBothBuilds("randomNormal() and addNormal() equal their twins", () => {
  for (const position of POSITIONS) {
    for (const n of SIZES) {
      const what = `${n} numbers at ${position}`;
      for (const [mean, deviation] of [[0, 1], [5, 0.5]] as const) {
        const twin = reference.randomNormal(n, ...position, mean, deviation);
        const allowed = ERRORS.normal * Math.max(1, Math.abs(mean));
        assertClose(normal(n, position, mean, deviation), twin, allowed, what);
      }
      const y = Float32Array.from({ length: n }, (_, i) => i / 8);
      const added = invoke("addNormal", n, y, ...position, 0.25).after[0]!;
      const z = normal(n, position);
      assertSame(added, y.map((value, i) => value + 0.25 * z[i]!), `${what}, added`);
      assertClose(added, reference.addNormal(y, ...position, 0.25), 2 * ERRORS.normal, what);
    }
  }
});

inBothBuilds("the first numbers of a stream do not depend on how many are drawn", () => {
  const [words, reals, normals] = [bits(100, SEED), uniform(100, SEED), normal(100, SEED)];
  for (let n = 0; n <= 100; n++) {
    assertSame(bits(n, SEED), words.slice(0, n), `${n} words`);
    assertSame(uniform(n, SEED), reals.slice(0, n), `${n} uniform numbers`);
    assertSame(normal(n, SEED), normals.slice(0, n), `${n} normal numbers`);
  }
});

inBothBuilds("a stream goes on from any block", () => {
  const [seedLow, seedHigh, streamLow, streamHigh] = SEED;
  const from = (block: number): StreamPosition => [seedLow, seedHigh, streamLow, streamHigh, block];
  const whole = normal(160, from(0));
  for (const block of [1, 2, 3, 7]) {
    assertSame(normal(160 - 16 * block, from(block)), whole.slice(16 * block), `block ${block}`);
  }
});

leakChecked("random numbers have the same bits in both builds", () => {
  const draw = () => [bits(1000, SEED), uniform(1000, SEED, -1, 3), normal(1000, SEED, 1, 2)];
  const [strict, fast] = [withBuild("strict", draw), withBuild("fast", draw)];
  strict.forEach((numbers, i) => assertSame(fast[i]!, numbers, `kind ${i}`));
});

// Limits below are those that one seed in a thousand or fewer would pass; the seeds are fixed.
const COUNT = 100_000;
/** Kolmogorov & Smirnov: 1.95 / √n is exceeded once in a thousand. */
const FARTHEST = 1.95 / Math.sqrt(COUNT);

inBothBuilds("randomUniform() is uniform, inside (0, 1) and never at its ends", () => {
  for (const seed of [1, 2]) {
    const u = uniform(COUNT, [seed, 0, 0, 0, 0]);
    assert(u.every((value) => value > 0 && value < 1), "inside (0, 1)");
    assertLess(distance(u, (x) => x), FARTHEST);
    assertLess(Math.abs(meanOf(u, (x) => x) - 0.5), 3.3 * Math.sqrt(1 / 12 / COUNT));
    assertLess(
      Math.abs(meanOf(u, (x) => (x - 0.5) ** 2) - 1 / 12),
      3.3 * Math.sqrt(1 / 180 / COUNT),
    );
  }
});

leakChecked(
  "randomUniform() reaches its smallest and its largest number, half a step inside (0, 1)",
  () => {
    const count = 2 ** 20;
    let smallest = 1, largest = 0;
    withBlocks([4 * count], (address) => {
      for (let i = 0; i < 64; i++) {
        kernels().randomUniform(count, address, 6, 0, 0, 0, i * count / 16, 0, 1);
        for (const value of floats(address, count)) {
          if (value < smallest) smallest = value;
          if (value > largest) largest = value;
        }
      }
    });
    assertEquals([smallest, largest], [2 ** -24, 1 - 2 ** -24]);
  },
);

inBothBuilds("randomNormal() is normal", () => {
  for (const seed of [3, 4]) {
    const z = normal(COUNT, [seed, 0, 0, 0, 0]);
    assertLess(distance(z, normalDistribution), FARTHEST);
    // moments 1 to 4 of the standard normal, and the variances of their estimates
    for (
      const [power, moment, variance] of [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]] as const
    ) {
      const error = Math.abs(meanOf(z, (x) => x ** power) - moment);
      assertLess(error, 3.3 * Math.sqrt(variance / COUNT), `moment ${power}`);
    }
  }
});

inBothBuilds(
  "randomNormal() gives independent numbers, in pairs, in a row and across streams",
  () => {
    const z = normal(COUNT, [5, 0, 0, 0, 0]), other = normal(COUNT, [5, 0, 1, 0, 0]);
    const shifted = (by: number): Floats => z.map((value, i) => value * z[(i + by) % COUNT]!);
    for (const lag of [1, 4, 8, 16]) {
      const products = shifted(lag), what = `${lag} apart`;
      // the product of two independent normals has mean 0 and variance 1, its square 1 and 8
      assertLess(Math.abs(meanOf(products, (x) => x)), 3.3 / Math.sqrt(COUNT), what);
      const square = meanOf(products, (x) => x * x);
      assertLess(Math.abs(square - 1), 3.3 * Math.sqrt(8 / COUNT), `${what}, squared`);
    }
    const product = z.map((value, i) => value * other[i]!);
    assertLess(Math.abs(meanOf(product, (x) => x)), 3.3 / Math.sqrt(COUNT), "across streams");
  },
);
