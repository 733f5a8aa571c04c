import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { fromFactors, interactions } from "../../src/decompose/mod.ts";
import {
  boxAround,
  type BoxMethod,
  boxMinimum,
  certifyBox,
  l1Minimum,
} from "../../src/guarantee/mod.ts";
import { definiteShift, spectralBound } from "../../src/guarantee/box_definite.ts";
import { eigh, matmul, matrix } from "../../src/linalg/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { network } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { exactMinimum, pointIn, randomBox, randomForm } from "./boxes.ts";

const METHODS: readonly BoxMethod[] = [
  "interval",
  "neurons",
  "eigenvalue",
  "convex",
  "semidefinite",
];

Deno.test("boxMinimum() of every method encloses the exact minimum of 300 random forms", () => {
  const better = new Map(METHODS.map((method) => [method, 0]));
  for (let seed = 0; seed < 300; seed++) {
    const n = 1 + seed % 5, form = randomForm(n, 1 + seed % 4, seed), box = randomBox(n, seed);
    const exact = exactMinimum(form, box), size = 1e-10 * (1 + Math.abs(exact));
    for (const method of METHODS) {
      const { lower, upper, point, bounds, gap } = boxMinimum(form, box, { methods: [method] });
      assert(lower <= exact + size, `${method} of seed ${seed}: ${lower} > ${exact}`);
      assert(upper >= exact - size, `seed ${seed}: ${upper} < ${exact}`);
      assert(form.evaluate(point) <= upper);
      assert(point.every((x, i) => x >= box.lower[i]! && x <= box.upper[i]!));
      assertEquals(bounds[method], lower);
      assertEquals(gap, upper - lower);
      if (lower >= exact - 1e-6 * (1 + Math.abs(exact))) {
        better.set(method, better.get(method)! + 1);
      }
    }
  }
  // the dual of the semidefinite relaxation is exact more often than anything simpler
  assert(better.get("semidefinite")! > 200, `${[...better]}`);
  for (const method of METHODS) assert(better.get(method)! <= better.get("semidefinite")! + 5);
});

Deno.test("boxMinimum() by branch and bound closes the gap, across coordinates and directions", () => {
  for (let seed = 0; seed < 60; seed++) {
    const n = 2 + seed % 4, form = randomForm(n, 3, 500 + seed), box = randomBox(n, 500 + seed);
    const exact = exactMinimum(form, box), cuts = seed % 3 === 0 ? "directions" : "coordinates";
    const { lower, upper, method } = boxMinimum(form, box, {
      methods: ["branch"],
      tolerance: 1e-5,
      seconds: 5,
      cuts,
    });
    assertEquals(method, "branch");
    assert(upper - lower <= 1.01e-5, `${cuts} of seed ${seed}: ${upper - lower}`);
    assert(lower <= exact + 1e-10 && upper >= exact - 1e-10);
  }
});

Deno.test("boxMinimum() is below every sampled value in more dimensions", () => {
  for (let seed = 0; seed < 12; seed++) {
    const n = 10 + 7 * seed, form = randomForm(n, 5 + seed, 700 + seed), draw = numbers(seed);
    const center = draw.doubles(n, 0, 1), box = boxAround(center, draw.next(0, 0.3), [0, 1]);
    const { lower, upper, bounds } = boxMinimum(form, box);
    let least = Infinity;
    for (let i = 0; i < 400; i++) {
      const corner = i % 2 === 0;
      const x = pointIn(box, () => corner ? Math.round(draw.next()) : draw.next());
      least = Math.min(least, form.evaluate(x));
    }
    assert(lower <= upper && lower <= least);
    // what was searched for is better than what was drawn
    assert(upper <= least + 1e-9);
    for (const bound of Object.values(bounds)) assert(bound <= upper);
  }
});

Deno.test("boxMinimum() orders its bounds as in METHODS G3", () => {
  // eight inputs, radius 0.1, as there: the simpler the bound, the further below
  let order = 0;
  for (let seed = 0; seed < 40; seed++) {
    const form = randomForm(8, 6, 900 + 2 * seed + 1), draw = numbers(seed);
    const box = boxAround(draw.doubles(8), 0.1);
    const of = (method: BoxMethod): number => boxMinimum(form, box, { methods: [method] }).lower;
    const { upper } = boxMinimum(form, box);
    const [interval, eigenvalue, convex, semidefinite] = METHODS.filter((m) => m !== "neurons").map(
      of,
    ) as [number, number, number, number];
    assert(convex >= eigenvalue - 1e-4 * (upper - eigenvalue), `${convex} ${eigenvalue} ${upper}`);
    assert(semidefinite >= convex - 1e-3 * (upper - convex) - 1e-6);
    if (upper - semidefinite <= 0.2 * (upper - interval)) order++;
  }
  assert(order >= 36, `${order} of 40`);
});

Deno.test("boxMinimum() is exact where the form is convex, linear or separable", () => {
  const form = (left: number[][], right: number[][], readout: number[]) =>
    fromFactors({
      left: matrix(left.length, left[0]!.length, left.flat()),
      right: matrix(right.length, right[0]!.length, right.flat()),
      leftBias: new Float64Array(left.length),
      rightBias: Float64Array.from(right, (row) => row.every((x) => x === 0) ? 1 : 0),
      readout: matrix(1, readout.length, readout),
      outputBias: new Float64Array(1),
    }).output(0);
  const box = boxAround([1, 1], 0.5);
  const convex = boxMinimum(form([[1, 1], [1, -1]], [[1, 1], [1, -1]], [1, 1]), box);
  assertAlmostEquals(convex.lower, 1, 1e-9);
  const linear = boxMinimum(form([[1, -2]], [[0, 0]], [1]), box);
  assertAlmostEquals(linear.lower, 0.5 - 3, 1e-12);
  const concave = boxMinimum(form([[1, 0], [0, 1]], [[1, 0], [0, 1]], [-1, -1]), box);
  assertAlmostEquals(concave.lower, -4.5, 1e-9);
  assertAlmostEquals(concave.upper, -4.5, 1e-9);
  const nothing = boxMinimum(form([[1, 0]], [[1, 0]], [0]), box);
  assertAlmostEquals(nothing.lower, 0, 1e-200);
});

Deno.test("boxMinimum() over a box without width is the value there", () => {
  const form = randomForm(6, 4, 2), point = numbers(3).doubles(6);
  const { lower, upper } = boxMinimum(form, { lower: point, upper: point });
  assertAlmostEquals(lower, form.evaluate(point), 1e-12);
  assertAlmostEquals(upper, form.evaluate(point), 1e-12);
  assert(lower <= upper);
});

Deno.test("boxMinimum() refuses boxes and settings that are none", () => {
  const form = randomForm(2, 2, 1), box = boxAround([0, 0], 1);
  const refused = (b: { lower: number[]; upper: number[] }): void => {
    assertThrows(
      () =>
        boxMinimum(form, { lower: Float64Array.from(b.lower), upper: Float64Array.from(b.upper) }),
      RangeError,
    );
  };
  refused({ lower: [0, 1], upper: [1, 0] });
  refused({ lower: [0, NaN], upper: [1, 1] });
  refused({ lower: [0, -Infinity], upper: [1, 0] });
  assertThrows(() => boxMinimum(form, boxAround([0], 1)), TypeError);
  for (
    const options of [
      { seconds: -1 },
      { seconds: NaN },
      { restarts: 0 },
      { restarts: 1.5 },
      { tolerance: -1 },
      { goal: NaN },
      { methods: [] },
    ]
  ) assertThrows(() => boxMinimum(form, box, options), RangeError);
});

Deno.test("boxAround() refuses a radius, an entry or a domain that is none", () => {
  for (const radius of [-1, NaN, Infinity]) {
    assertThrows(() => boxAround([0], radius), RangeError, "radius");
  }
  assertThrows(() => boxAround([NaN], 1), RangeError, "finite");
  assertThrows(() => boxAround([1.5], 1, [0, 1]), RangeError, "outside the domain");
  assertThrows(() => boxAround([0.5], 1, [1, 0]), RangeError, "empty");
  const { lower, upper } = boxAround([0, 0.5, 1], 0.75, [0, 1]);
  assertEquals([...lower, ...upper].every((x) => x >= 0 && x <= 1), true);
  assert(lower[2]! <= 0.25 && upper[0]! >= 0.75);
});

Deno.test("definiteShift() is never below −λ_min, and close to it", () => {
  for (let seed = 0; seed < 60; seed++) {
    const n = 1 + 3 * (seed % 12), draw = numbers(seed);
    const a = matrix(n, n, draw.doubles(n * n)), rank = seed % 3 === 0 ? n : 1 + seed % n;
    const factor = matrix(n, rank, draw.doubles(n * rank));
    const symmetric = seed % 2 === 0
      ? matrix(n, n, a.data.map((x, i) => (x + a.data[(i % n) * n + Math.floor(i / n)]!) / 2))
      : matmul(factor, factor, "NT");
    const { values } = eigh(symmetric), size = Math.max(-values[0]!, values.at(-1)!);
    const shift = definiteShift(symmetric)!;
    assert(shift >= -values[0]! - 1e-14 * size);
    assert(shift <= Math.max(0, -values[0]!) + 1e-9 * size, `${shift} for ${values[0]}`);
  }
  assertEquals(definiteShift(matrix(1, 1, [NaN])), undefined);
  assertEquals(definiteShift(matrix(3, 3), 0.5), 0.5);
});

Deno.test("definiteShift() of a large matrix finds what Lanczos may miss", () => {
  const n = 150, draw = numbers(5), a = matrix(n, n);
  for (let i = 0; i < n; i++) a.data[i * n + i] = draw.next(1, 2);
  // one negative eigenvalue, alone on its coordinate: a random start hardly sees it
  a.data[77 * n + 77] = -1e-3;
  const shift = definiteShift(a)!;
  assert(shift >= 1e-3 && shift < 1.1e-3, `${shift}`);
});

Deno.test("spectralBound() is the largest singular value, never below it", () => {
  for (let seed = 0; seed < 30; seed++) {
    const draw = numbers(seed), a = matrix(4, 7, draw.doubles(28)), gram = matmul(a, a, "NT");
    const exact = Math.sqrt(eigh(gram).values.at(-1)!), bound = spectralBound(gram, 1e-14);
    assert(bound >= exact && bound <= exact * (1 + 1e-6));
  }
});

Deno.test("certifyBox() is never certified where a sampled input is classified otherwise", () => {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 60; seed++) {
    const shape = {
      name: "",
      inputs: 6,
      before: seed % 3 === 0 ? [5] : [],
      neurons: 5,
      after: [3],
    };
    const model = network(shape, seed % 2 === 0 ? "all" : "none", 3000 + seed);
    const draw = numbers(seed), input = draw.floats(6, 0, 1), radius = draw.next(0, 0.12);
    const norm = seed % 4 === 3 ? "l1" : "linf";
    const reach = norm === "l1" ? 3 * radius : radius;
    const answer = certifyBox(model, input, { radius: reach, domain: [0, 1], norm, seconds: 0.2 });
    seen.set(answer.verdict, (seen.get(answer.verdict) ?? 0) + 1);
    const classOf = (x: ArrayLike<number>): number => {
      const logits = model.predict(x);
      return logits.indexOf(Math.max(...logits));
    };
    const label = classOf(input);
    if (answer.verdict === "certified") {
      assertEquals(answer.certificate.label, label);
      assert(answer.certificate.margin > 0);
      for (let i = 0; i < 200; i++) {
        const raw = Float64Array.from(
          input,
          () => i % 2 === 0 ? draw.next(-1, 1) : Math.sign(draw.next(-1, 1)),
        );
        const size = norm === "l1" ? raw.reduce((sum, x) => sum + Math.abs(x), 0) : 1;
        const x = input.map((value, j) =>
          Math.min(1, Math.max(0, value + 0.999999 * reach * raw[j]! / size))
        );
        assertEquals(classOf(x), label);
      }
    } else if (answer.verdict === "refuted") {
      assert(classOf(answer.point) !== label);
      assert(answer.distance <= reach);
      assert(answer.point.every((x) => x >= 0 && x <= 1));
    } else {
      assert(!(answer.lower > 0) && answer.gap >= 0 && answer.reason.length > 0);
    }
    model[Symbol.dispose]();
  }
  assert(seen.get("certified")! >= 10 && seen.get("refuted")! >= 5, `${[...seen]}`);
});

Deno.test("certifyBox() refutes a wrong label at distance 0 and refuses what is no question", () => {
  const model = network({ name: "", inputs: 3, before: [], neurons: 3, after: [3] }, "all", 7);
  const input = [0.1, 0.2, 0.3], logits = model.predict(input);
  const wrong = (logits.indexOf(Math.max(...logits)) + 1) % 3;
  const answer = certifyBox(model, input, { radius: 0.1, label: wrong });
  assert(answer.verdict === "refuted" && answer.distance === 0);
  assertThrows(() => certifyBox(model, input, { radius: -1 }), RangeError);
  assertThrows(() => certifyBox(model, [0, NaN, 0], { radius: 1 }), RangeError);
  assertThrows(() => certifyBox(model, [0, 2, 0], { radius: 1, domain: [0, 1] }), RangeError);
  assertThrows(() => certifyBox(model, [0, 0], { radius: 1 }), TypeError);
  assertThrows(() => certifyBox(model, input, { radius: 1, label: 3 }), RangeError);
  const deep = nn.sequential([nn.bilinear(3, 3), nn.bilinear(3, 2)]);
  assertThrows(() => certifyBox(deep, input, { radius: 1 }), TypeError);
  const huge = certifyBox(model, input, { radius: 1e30 });
  assert(huge.verdict !== "certified");
});

Deno.test("boxMinimum() holds in exact arithmetic where neurons cancel almost entirely", () => {
  // every number is a whole multiple of 2⁻¹⁰, so whole numbers of any length give the exact values
  const exactly = (x: number): bigint => BigInt(x * 1024);
  for (let seed = 0; seed < 60; seed++) {
    const draw = numbers(seed), n = 1 + seed % 5, h = 4, size = 2 ** (4 + seed % 24);
    const whole = (count: number, most: number): Float64Array =>
      Float64Array.from(draw.whole(count, -most, most), (x) => x / 1024);
    const first = whole(h * n, size), second = whole(h * n, size), bias = whole(2 * h, size);
    // the second half undoes the first but for the last bits
    const near = second.map((x) => x + draw.whole(1, -1, 1)[0]! / 1024);
    const weights = whole(h, 2 ** 12);
    const form = fromFactors({
      left: matrix(2 * h, n, [...first, ...first]),
      right: matrix(2 * h, n, [...second, ...near]),
      leftBias: Float64Array.from([...bias.slice(0, h), ...bias.slice(0, h)]),
      rightBias: Float64Array.from([...bias.slice(h), ...bias.slice(h)]),
      readout: matrix(1, 2 * h, [...weights, ...weights.map((x) => -x)]),
      outputBias: Float64Array.of(0.5),
    }).output(0);
    const center = whole(n, 1024),
      box = { lower: center.map((x) => x - 0.25), upper: center.map((x) => x + 0.25) };
    // in units of 2⁻⁵⁰: a weight and two factors of a product of two numbers each
    const value = (x: Float64Array): bigint => {
      let total = exactly(0.5) << 40n;
      const { left, right, leftBias, rightBias, readout } = form.interactions;
      for (let k = 0; k < 2 * h; k++) {
        let l = exactly(leftBias[k]!) << 10n, r = exactly(rightBias[k]!) << 10n;
        for (let i = 0; i < n; i++) {
          l += exactly(left.data[k * n + i]!) * exactly(x[i]!);
          r += exactly(right.data[k * n + i]!) * exactly(x[i]!);
        }
        total += exactly(readout.data[k]!) * l * r;
      }
      return total;
    };
    // rounded towards the side that would show a violation
    const unit = 2 ** 50, floor = (x: number): bigint => BigInt(Math.floor(x * unit));
    const reached = Array.from(
      { length: 40 },
      () => pointIn(box, () => draw.whole(1, 0, 2)[0]! / 2),
    );
    const least = reached.map(value).reduce((a, b) => a < b ? a : b);
    for (const method of [...METHODS, "branch"] as const) {
      const { lower, upper } = boxMinimum(form, box, { methods: [method], seconds: 0.02 });
      assert(floor(lower) <= least, `${method}, seed ${seed}`);
      assert(lower <= upper);
    }
    const thin = { lower: reached[0]!, upper: reached[0]! };
    const { lower, upper } = boxMinimum(form, thin), there = value(reached[0]!);
    assert(floor(lower) <= there && floor(upper) + 1n >= there, `seed ${seed}`);
    const l1 = l1Minimum(form, center, 0.25);
    const vertex = center.map((x, i) => i === 0 ? x + 0.25 : x);
    assert(floor(l1.lower) <= value(vertex) && floor(l1.lower) <= value(center));
  }
});

Deno.test("boxMinimum() proves nothing where numbers overflow", () => {
  const form = randomForm(4, 5, 4);
  for (const radius of [1e30, 1e150, 1e160, 1e300]) {
    const { lower, upper } = boxMinimum(form, boxAround([0, 0, 0, 0], radius));
    assert(lower <= upper && lower < -1e50);
  }
});

Deno.test("certifyBox() certifies no planted counterexample, however shallow", () => {
  let unknown = 0;
  for (let seed = 0; seed < 40; seed++) {
    const model = network(
      { name: "", inputs: 4, before: [], neurons: 4, after: [2] },
      "all",
      8000 + seed,
    );
    const center = numbers(seed).floats(4, 0, 1), box = boxAround(center, 0.0625);
    const least = exactMinimum(interactions(model).difference(0, 1), box);
    const bias = model.parameters.get("1.bias")!.toArray();
    // the margin of class 0 now dips below 0 by less than f32 resolves, at some point of the box
    bias[0] = Math.fround(bias[0]! - least - 10 ** -(3 + seed % 6));
    model.assign({ "1.bias": bias });
    const after = exactMinimum(interactions(model).difference(0, 1), box);
    const answer = certifyBox(model, center, { radius: 0.0625, label: 0, seconds: 0.1 });
    if (after < 0) assert(answer.verdict !== "certified", `seed ${seed}`);
    if (answer.verdict === "unknown") unknown++;
    model[Symbol.dispose]();
  }
  assert(unknown < 25, `${unknown}`);
});

Deno.test("boxMinimum() and l1Minimum() form no matrix of very many inputs", () => {
  const n = 5000, form = randomForm(n, 2, 3), center = numbers(1).doubles(n, 0, 1);
  const { lower, upper, bounds } = boxMinimum(form, boxAround(center, 1e-3, [0, 1]));
  assertEquals(Object.keys(bounds), ["neurons"]);
  assert(lower <= upper && Number.isFinite(lower));
  const l1 = l1Minimum(form, center, 0.1, { domain: [0, 1] });
  assert(l1.method === "ball" && l1.lower <= l1.upper && Number.isFinite(l1.lower));
});
