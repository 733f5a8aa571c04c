import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { random, scope, type Tensor, tensor } from "../../src/tensor/mod.ts";
import { withBuild } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";
import { meanOf } from "../support/statistics.ts";

const SIZES: readonly data.ImageSize[] = [
  { width: 1, height: 1 },
  { width: 5, height: 3 },
  { width: 2, height: 9 },
  { width: 28, height: 28 },
];

const CHANGES: Readonly<Record<string, data.ImageChange>> = {
  "translation()": data.translation(),
  "rotation()": data.rotation(),
  "blur()": data.blur({ deviation: [0.5, 2] }),
  "gaussianNoise()": data.gaussianNoise(),
  "saltAndPepper()": data.saltAndPepper(),
  "dropout()": data.dropout(),
};

const pictures = (count: number, { width, height }: data.ImageSize): Float32Array<ArrayBuffer> =>
  numbers(count).floats(count * width * height, 0.01, 1);

const after = (
  pixels: Float32Array<ArrayBuffer>,
  size: data.ImageSize,
  changes: data.ImageChange[],
  seed = 1,
): Float32Array => data.augment(pixels.slice(), size, changes, random(seed));

const total = (pixels: Float32Array): number => pixels.reduce((sum, value) => sum + value, 0);

for (const [name, change] of Object.entries(CHANGES)) {
  leakChecked(`${name} gives the same bits for the same seed, others for another`, () => {
    const size = { width: 28, height: 28 }, pixels = pictures(5, size);
    const found = after(pixels, size, [change]);
    assertEquals(after(pixels, size, [change]), found);
    assertNotEquals(found, pixels);
    assertNotEquals(after(pixels, size, [change], 2), found);
    assert(found.every(Number.isFinite));
  });

  leakChecked(`${name} gives the same bits from every build of the kernels`, () => {
    const size = { width: 28, height: 28 }, pixels = pictures(5, size);
    const [fast, strict] = (["fast", "strict"] as const).map((build) =>
      withBuild(build, () => after(pixels, size, [change]))
    );
    assertEquals(fast, strict);
  });

  leakChecked(`${name} takes images of any size, and none`, () => {
    for (const size of SIZES) {
      for (const count of [0, 1, 3]) {
        const found = after(pictures(count, size), size, [change]);
        assert(found.every(Number.isFinite));
      }
    }
  });
}

leakChecked("augment() applies changes one after another from one source", () => {
  const size = { width: 28, height: 28 }, pixels = pictures(3, size), source = random(1);
  const step = pixels.slice();
  for (const change of Object.values(CHANGES)) data.augment(step, size, [change], source);
  assertEquals(after(pixels, size, Object.values(CHANGES)), step);
  assertEquals(after(pixels, size, []), pixels);
});

leakChecked("augment() changes a tensor as it does an array, in place", () => {
  const size = { width: 5, height: 3 }, pixels = pictures(4, size);
  const expected = after(pixels, size, Object.values(CHANGES));
  scope(() => {
    for (const shape of [[4, 15], [4, 3, 5]]) {
      const images = tensor(pixels, shape);
      assert(data.augment(images, size, Object.values(CHANGES), random(1)) === images);
      assertEquals(images.toArray(), expected);
    }
  });
});

leakChecked(
  "augment() refuses rows that are no images of the size, and sizes that are none",
  () => {
    const size = { width: 5, height: 3 };
    scope(() => {
      assertThrows(
        () => data.augment(tensor(new Float32Array(30), [3, 10]), size, [], random(1)),
        TypeError,
        "Cannot change f32[3, 10] as images of 5 × 3 pixels: a row must be 15 numbers",
      );
      assertThrows(
        () => data.augment(tensor(new Float32Array(15)), size, [], random(1)),
        TypeError,
      );
    });
    assertThrows(
      () => data.augment(new Float32Array(16), size, [], random(1)),
      TypeError,
      "16 numbers",
    );
    for (const width of [0, -1, 1.5, NaN]) {
      const wrong = { width, height: 3 };
      assertThrows(() => data.augment(new Float32Array(0), wrong, [], random(1)), RangeError);
      assertThrows(() => data.augmentation(wrong, []), RangeError, `images of ${width} × 3 pixels`);
    }
  },
);

Deno.test("translation() by 0 pixels changes nothing", () => {
  for (const size of SIZES) {
    const pixels = pictures(4, size);
    assertEquals(after(pixels, size, [data.translation({ pixels: 0 })]), pixels);
  }
});

Deno.test("translation() moves a pixel to each place in reach equally often, and none else", () => {
  const size = { width: 9, height: 8 }, count = 9 * 2000, reach = 1;
  const pixels = new Float32Array(count * 72);
  for (let i = 0; i < count; i++) pixels[72 * i + 4 * 9 + 3] = 1; // x = 3, y = 4
  const found = after(pixels, size, [data.translation({ pixels: reach })]);
  const counts = new Float64Array(72);
  found.forEach((value, k) => counts[k % 72]! += value);
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 9; x++) {
      const near = Math.abs(x - 3) <= reach && Math.abs(y - 4) <= reach;
      const expected = near ? 2000 : 0;
      assert(Math.abs(counts[9 * y + x]! - expected) <= (near ? 5 * Math.sqrt(2000) : 0));
    }
  }
});

Deno.test("translation() keeps a picture whole: it is the old one at an offset, black beyond", () => {
  const size = { width: 6, height: 4 }, count = 400;
  const pixels = pictures(count, size);
  const found = after(pixels, size, [data.translation({ pixels: 7 })], 3);
  const offsets = new Set<string>();
  for (let i = 0; i < count; i++) {
    const [old, now] = [pixels, found].map((all) => all.subarray(24 * i, 24 * i + 24)) as [
      Float32Array,
      Float32Array,
    ];
    const fits = (dx: number, dy: number): boolean =>
      now.every((value, k) => {
        const x = k % 6 - dx, y = Math.floor(k / 6) - dy;
        return value === (x >= 0 && x < 6 && y >= 0 && y < 4 ? old[6 * y + x] : 0);
      });
    let match = "";
    for (let dy = -7; dy <= 7; dy++) {
      for (let dx = -7; dx <= 7; dx++) if (fits(dx, dy)) match = `${dx},${dy}`;
    }
    assertNotEquals(match, "");
    offsets.add(match);
  }
  // 77 offsets leave something to see, at 1.8 times each; all others look alike
  assert(offsets.size > 50, `${offsets.size} offsets`);
});

Deno.test("rotation() by whole turns changes nothing, by quarter turns moves pixels", () => {
  const size = { width: 7, height: 7 }, pixels = pictures(3, size);
  const turned = (degrees: number): Float32Array =>
    after(pixels, size, [data.rotation({ degrees: [degrees, degrees] })]);
  for (const degrees of [0, 360, -360, 720]) assertEquals(turned(degrees), pixels);
  const place = (degrees: number, x: number, y: number): number =>
    degrees === 90 ? 7 * x + 6 - y : degrees === 180 ? 48 - 7 * y - x : 7 * (6 - x) + y;
  for (const degrees of [90, 180, 270]) {
    const found = turned(degrees);
    found.forEach((value, k) => {
      const from = place(degrees, k % 7, Math.floor(k % 49 / 7));
      assertAlmostEquals(value, pixels[49 * Math.floor(k / 49) + from]!, 1e-6);
    });
  }
  assertNotEquals(turned(45), pixels);
});

Deno.test("rotation() there and back keeps a smooth picture, and its sum", () => {
  const size = { width: 28, height: 28 };
  const bump = Float32Array.from({ length: 784 }, (_, k) => {
    const x = k % 28 - 16, y = Math.floor(k / 28) - 12;
    return Math.exp(-(x * x + y * y) / 18);
  });
  for (const degrees of [10, 33, 120]) {
    const turn = (by: number): data.ImageChange => data.rotation({ degrees: [by, by] });
    const there = after(bump, size, [turn(degrees)]);
    assertAlmostEquals(total(there), total(bump), 0.01 * total(bump));
    after(bump, size, [turn(degrees), turn(-degrees)]).forEach((value, k) =>
      assertAlmostEquals(value, bump[k]!, 0.05)
    );
  }
});

Deno.test("rotation() draws angles from its whole range, either way", () => {
  const size = { width: 21, height: 21 }, count = 400;
  const pixels = new Float32Array(count * 441);
  for (let i = 0; i < count; i++) pixels[441 * i + 10 * 21 + 20] = 1; // right of the centre
  const found = after(pixels, size, [data.rotation({ degrees: 20 })]);
  const angles = Array.from({ length: count }, (_, i) => {
    let x = 0, y = 0;
    found.subarray(441 * i, 441 * i + 441).forEach((value, k) => {
      x += value * (k % 21 - 10);
      y += value * (10 - Math.floor(k / 21));
    });
    return Math.atan2(y, x) * 180 / Math.PI;
  });
  const [least, most] = [Math.min(...angles), Math.max(...angles)];
  assert(least > -22 && least < -17 && most > 17 && most < 22, `${least} to ${most}`);
  const mean = angles.reduce((sum, angle) => sum + angle) / count;
  assert(Math.abs(mean) < 5 * 20 / Math.sqrt(3 * count), `${mean}`);
});

Deno.test("blur() of deviation 0 changes nothing", () => {
  for (const size of SIZES) {
    const pixels = pictures(2, size);
    assertEquals(after(pixels, size, [data.blur({ deviation: 0 })]), pixels);
    assertEquals(after(pixels, size, [data.blur({ deviation: 1e-9 })]), pixels);
  }
});

Deno.test("blur() keeps sum and centre away from the edges, and spreads by its variance", () => {
  const size = { width: 33, height: 31 };
  const dot = new Float32Array(33 * 31);
  dot[15 * 33 + 14] = 2;
  for (const deviation of [0.5, 1, 3]) {
    const found = after(dot, size, [data.blur({ deviation })]);
    const moment = (f: (x: number, y: number) => number): number =>
      found.reduce((sum, value, k) => sum + value * f(k % 33 - 14, Math.floor(k / 33) - 15), 0) / 2;
    assertAlmostEquals(moment(() => 1), 1, 1e-6);
    for (const first of [moment((x) => x), moment((_, y) => y), moment((x, y) => x * y)]) {
      assertAlmostEquals(first, 0, 1e-5);
    }
    // cut off at three deviations a Gaussian keeps 97 % of its variance
    for (const second of [moment((x) => x * x), moment((_, y) => y * y)]) {
      assert(Math.abs(second / deviation ** 2 - 1) < (deviation < 1 ? 0.15 : 0.05), `${second}`);
    }
  }
});

Deno.test("blur() leaves the inside of an even picture even, and darkens its edges", () => {
  const size = { width: 20, height: 20 };
  const found = after(new Float32Array(400).fill(0.5), size, [data.blur({ deviation: 1.5 })]);
  for (let y = 5; y < 15; y++) {
    for (let x = 5; x < 15; x++) assertAlmostEquals(found[20 * y + x]!, 0.5, 1e-6);
  }
  assert(found[0]! < 0.3);
});

Deno.test("gaussianNoise() adds what gather() adds", () => {
  const size = { width: 28, height: 28 }, pixels = pictures(50, size);
  const found = after(pixels, size, [data.gaussianNoise({ deviation: 0.3 })]);
  const source = data.dataset({ inputs: pixels, labels: Array(50).fill(0) });
  scope(() => {
    const rows = Uint32Array.from({ length: 50 }, (_, i) => i);
    const { inputs } = data.gather(source, rows, { deviation: 0.3, random: random(1) });
    assertEquals(inputs.toArray(), found);
  });
  assertEquals(after(pixels, size, [data.gaussianNoise({ deviation: 0 })]), pixels);
});

Deno.test("saltAndPepper() makes the share asked for black and white, equally often", () => {
  const size = { width: 100, height: 100 }, pixels = new Float32Array(100_000).fill(0.5);
  for (const probability of [0, 0.1, 0.6, 1]) {
    const found = after(pixels, size, [data.saltAndPepper({ probability, low: -1, high: 2 })]);
    for (
      const [value, share] of [[-1, probability / 2], [2, probability / 2], [0.5, 1 - probability]]
    ) {
      const observed = meanOf(found, (x) => x === value ? 1 : 0);
      assert(Math.abs(observed - share!) <= 5 * Math.sqrt(share! * (1 - share!) / 1e5), `${value}`);
    }
  }
});

Deno.test("dropout() makes the share asked for 0 and keeps the mean", () => {
  const size = { width: 100, height: 100 }, pixels = new Float32Array(100_000).fill(0.5);
  for (const probability of [0, 0.25, 0.5, 0.9]) {
    const found = after(pixels, size, [data.dropout({ probability })]);
    const kept = Math.fround(0.5 / (1 - probability));
    assert(found.every((value) => value === 0 || value === kept));
    const observed = meanOf(found, (x) => x === 0 ? 1 : 0);
    assert(
      Math.abs(observed - probability) <= 5 * Math.sqrt(probability * (1 - probability) / 1e5),
    );
  }
});

Deno.test("changes of images refuse options out of range", () => {
  const wrong: [() => unknown, string][] = [
    ...[-1, 1.5, NaN, Infinity].map((pixels) =>
      [() => data.translation({ pixels }), `Cannot translate images by ${pixels} pixels`] as [
        () => unknown,
        string,
      ]
    ),
    [() => data.rotation({ degrees: -1 }), "Cannot change images by degrees of -1"],
    [() => data.rotation({ degrees: NaN }), "degrees of NaN"],
    [() => data.rotation({ degrees: Infinity }), "degrees of Infinity"],
    [() => data.rotation({ degrees: [1, 0] }), "degrees of 1,0"],
    [() => data.blur({ deviation: -1 }), "Cannot blur images with a deviation of -1"],
    [() => data.blur({ deviation: 101 }), "from 0 to 100 pixels"],
    [() => data.blur({ deviation: NaN }), "a blur of NaN"],
    [() => data.gaussianNoise({ deviation: NaN }), "noise of deviation NaN"],
    [() => data.gaussianNoise({ deviation: -1 }), "noise of deviation -1"],
    [() => data.saltAndPepper({ probability: 1.1 }), "probability 1.1"],
    [() => data.saltAndPepper({ probability: NaN }), "probability NaN"],
    [() => data.saltAndPepper({ high: Infinity }), "pixels 0 or Infinity"],
    [() => data.dropout({ probability: 1 }), "probability 1: it must be from 0 to below 1"],
    [() => data.dropout({ probability: NaN }), "probability NaN"],
  ];
  for (const [make, message] of wrong) assertThrows(make, RangeError, message);
});

leakChecked("gather() augments before it adds noise, from one source", () => {
  const size = { width: 5, height: 3 }, pixels = pictures(4, size);
  const source = data.dataset({ inputs: pixels, labels: [0, 1, 0, 1], image: size });
  const augment = data.augmentation(size, [data.translation({ pixels: 2 })]);
  const rows = Uint32Array.of(3, 0);
  scope(() => {
    const expected = tensor([...pixels.subarray(45), ...pixels.subarray(0, 15)], [2, 15]);
    const from = random(6);
    augment(expected, from);
    from.addNormal(expected, 0.2);
    const found = data.gather(source, rows, { random: random(6), augment, deviation: 0.2 });
    assertEquals(found.inputs.toArray(), expected.toArray());
    assertEquals([...found.labels.toArray()], [1, 0]);
  });
  assertEquals(source.inputs, pixels);
});

leakChecked("gather() takes another tensor from an augmentation, of the same shape", () => {
  const source = data.dataset({ inputs: Float32Array.of(1, 2, 3, 4), labels: [0, 1] });
  const rows = Uint32Array.of(0, 1), made: Tensor[] = [];
  const through = (shape: number[]): data.Augmentation => (inputs) => {
    made.push(inputs);
    return tensor([5, 6, 7, 8], shape);
  };
  scope(() => {
    const found = data.gather(source, rows, { random: random(1), augment: through([2, 2]) });
    assertEquals([...found.inputs.toArray()], [5, 6, 7, 8]);
    assert(!made[0]!.alive);
    assertThrows(
      () => data.gather(source, rows, { random: random(1), augment: through([4]) }),
      TypeError,
      "Cannot use f32[4] for f32[2, 2]: augmentation must keep the shape",
    );
  });
});
