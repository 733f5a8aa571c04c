import { assertEquals } from "@std/assert";
import {
  allocate,
  doubles,
  floats,
  type Form,
  product,
  release,
  words,
} from "../../src/kernels/mod.ts";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, withCanaries } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { assertClose, sumTolerance } from "../support/tolerances.ts";

const ROWS = [0, 1, 3, 4, 5, 6, 7, 11, 12, 17, 33, 97];
const COLUMNS = [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, 33, 64, 65, 96, 97, 127, 200];
const FORMS: readonly Form[] = ["NN", "NT", "TN"];
const TYPES = {
  f32: { kernel: "matmul_f32", array: Float32Array, bytes: 4 },
  f64: { kernel: "matmul_f64", array: Float64Array, bytes: 8 },
} as const;
type Type = keyof typeof TYPES;
type Matrix = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A matrix [m, n] with rows `row` elements apart and `filling` between them. */
function spread(values: Matrix, m: number, n: number, row: number, filling: number): Matrix {
  const out = new (values.constructor as typeof Float64Array)(m * row).fill(filling);
  for (let i = 0; i < m; i++) out.set(values.subarray(i * n, (i + 1) * n), i * row);
  return out;
}

/** The transpose [n, m] of a matrix [m, n]. */
function transposed(values: Matrix, m: number, n: number): Matrix {
  const out = values.slice();
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = values[i * n + j]!;
  return out;
}

/** What else a product is called with: elements between rows, and what stands there. */
interface Layout {
  readonly gap?: number;
  readonly filling?: number;
  readonly width?: number;
  readonly upper?: boolean;
}

/**
 * C [m, n], with its gaps, by the kernel: the workspace, the window and the scratch strip hold NaN when it
 * begins, and so does C unless the product is added to `start`.
 */
function kernelProduct(
  type: Type,
  form: Form,
  [m, n, k]: readonly [number, number, number],
  a: Matrix,
  b: Matrix,
  start: Matrix | undefined,
  { gap = 0, filling = 0, width = Math.max(1, n), upper = false }: Layout = {},
): Matrix {
  const { kernel, array, bytes } = TYPES[type];
  const panel = 32 / bytes;
  const [aRows, aColumns] = form === "TN" ? [k, m] : [m, k];
  const [bRows, bColumns] = form === "NT" ? [n, k] : [k, n];
  const left = form === "TN" ? transposed(a, m, k) : a;
  const right = form === "NT" ? transposed(b, k, n) : b;
  const depth = Math.ceil(k / 16) * 16;
  const workspace = new array(depth * Math.ceil(width / panel) * panel).fill(NaN);
  words(9216, 7168 / 4).fill(0xffffffff);
  const { after } = invoke(
    kernel,
    m,
    n,
    k,
    spread(left, aRows, aColumns, aColumns + gap, filling),
    (aColumns + gap) * bytes,
    form === "TN" ? 1 : 0,
    spread(right, bRows, bColumns, bColumns + gap, filling),
    (bColumns + gap) * bytes,
    form === "NT" ? 1 : 0,
    spread(start ?? new array(m * n).fill(NaN), m, n, n + gap, filling),
    (n + gap) * bytes,
    start ? 1 : 0,
    upper ? 1 : 0,
    width,
    workspace,
  );
  return after[2] as Matrix;
}

/** Whole numbers, whose products and sums are exact in any order: no tolerance hides a wrong element. */
function wholeMatrix(type: Type, size: number, seed: number): Matrix {
  return TYPES[type].array.from(numbers(seed).whole(size, -9, 9));
}

for (const type of ["f32", "f64"] as const) {
  const { kernel, bytes } = TYPES[type];
  const exact = (m: number, n: number, k: number, a: Matrix, b: Matrix, start?: Matrix): Matrix =>
    reference[kernel](m, n, k, { values: a, row: k }, { values: b, row: n }, start);

  inBothBuilds(`${kernel}() is exact on whole numbers of any size, in every form`, () => {
    for (const m of ROWS) {
      for (const n of COLUMNS) {
        for (const k of COLUMNS) {
          const a = wholeMatrix(type, m * k, 1 + m), b = wholeMatrix(type, k * n, 2 + n);
          const expected = exact(m, n, k, a, b);
          for (const form of FORMS) {
            const actual = kernelProduct(type, form, [m, n, k], a, b, undefined);
            assertClose(actual, expected, 0, `${form} ${m}×${n}×${k}`);
          }
        }
      }
    }
  });

  inBothBuilds(`${kernel}() adds to C when asked`, () => {
    for (const m of [1, 5, 6, 13, 97]) {
      for (const n of [1, 8, 17, 33, 176]) {
        for (const k of [0, 1, 16, 65, 145]) {
          const a = wholeMatrix(type, m * k, m), b = wholeMatrix(type, k * n, n);
          const start = wholeMatrix(type, m * n, k);
          const expected = exact(m, n, k, a, b, start);
          for (const form of FORMS) {
            const actual = kernelProduct(type, form, [m, n, k], a, b, start);
            assertClose(actual, expected, 0, `${form} ${m}×${n}×${k}`);
          }
        }
      }
    }
  });

  inBothBuilds(`${kernel}() computes all of the upper triangle where no more is wanted`, () => {
    for (const n of [1, 4, 5, 6, 7, 12, 13, 31, 64, 97]) {
      const k = 70, a = wholeMatrix(type, n * k, n), b = wholeMatrix(type, k * n, 1 + n);
      const start = wholeMatrix(type, n * n, 2 + n);
      for (const width of [4, 8, 24, 104]) {
        for (const from of [undefined, start]) {
          const expected = exact(n, n, k, a, b, from);
          for (const form of FORMS) {
            const found = kernelProduct(type, form, [n, n, k], a, b, from, { width, upper: true });
            found.forEach((x, q) => {
              if (q % n >= Math.floor(q / n)) assertEquals(x, expected[q], `${form} ${n} at ${q}`);
            });
          }
        }
      }
    }
  });

  inBothBuilds(`${kernel}() gives the same for every number of columns packed at a time`, () => {
    const [m, n, k] = [13, 45, 70];
    const a = wholeMatrix(type, m * k, 3), b = wholeMatrix(type, k * n, 4);
    const start = wholeMatrix(type, m * n, 5);
    for (const width of [1, 4, 5, 8, 16, 24, 40, 44, 45, 48]) {
      for (const form of FORMS) {
        for (const from of [undefined, start]) {
          assertClose(
            kernelProduct(type, form, [m, n, k], a, b, from, { width }),
            exact(m, n, k, a, b, from),
            0,
            `${form}, ${width} columns`,
          );
        }
      }
    }
  });

  inBothBuilds(`${kernel}() neither uses nor changes what stands between rows`, () => {
    for (const [m, n, k] of [[1, 1, 1], [5, 8, 16], [7, 9, 17], [13, 45, 70]] as const) {
      const a = wholeMatrix(type, m * k, 6), b = wholeMatrix(type, k * n, 7);
      for (const gap of [1, 3, 8]) {
        for (const filling of [Infinity, -Infinity, NaN]) {
          for (const form of FORMS) {
            const actual = kernelProduct(type, form, [m, n, k], a, b, undefined, { gap, filling });
            const expected = spread(exact(m, n, k, a, b), m, n, n + gap, filling);
            assertClose(actual, expected, 0, `${form} ${m}×${n}×${k}, gaps of ${gap} × ${filling}`);
          }
        }
      }
    }
  });

  inBothBuilds(`${kernel}() keeps infinities and NaN to their own rows and columns`, () => {
    for (const [m, n, k] of [[5, 8, 16], [7, 9, 17], [13, 45, 70]] as const) {
      for (const value of [Infinity, NaN]) {
        const a = wholeMatrix(type, m * k, 8).map((x) => x === 0 ? 1 : x);
        const b = wholeMatrix(type, k * n, 9).map((x) => x === 0 ? 1 : x);
        a[(m - 1) * k] = value;
        b[k * n - 1] = value;
        for (const form of FORMS) {
          const actual = kernelProduct(type, form, [m, n, k], a, b, undefined);
          assertClose(actual, exact(m, n, k, a, b), 0, `${form} ${m}×${n}×${k} with ${value}`);
        }
      }
    }
  });

  inBothBuilds(`${kernel}() rounds no worse than its tolerance`, () => {
    for (const [m, n, k] of [[5, 8, 3], [7, 9, 16], [13, 45, 200], [10, 20, 2000]] as const) {
      const a = TYPES[type].array.from(numbers(10).doubles(m * k));
      const b = TYPES[type].array.from(numbers(11).doubles(k * n));
      const expected = exact(m, n, k, a, b);
      const magnitude = exact(m, n, k, a.map(Math.abs), b.map(Math.abs));
      const actual = kernelProduct(type, "NT", [m, n, k], a, b, undefined);
      const allowed = (i: number) => sumTolerance(type, k, magnitude[i]!);
      assertClose(actual, expected, allowed, `${m}×${n}×${k}`);
    }
  });

  inBothBuilds(`product() multiplies ${type} with a workspace of its own`, () => {
    const view = type === "f32" ? floats : doubles;
    for (const form of FORMS) {
      for (const [m, n, k] of [[0, 3, 3], [3, 0, 3], [3, 3, 0], [13, 45, 70]] as const) {
        const a = wholeMatrix(type, m * k, 12), b = wholeMatrix(type, k * n, 13);
        withCanaries([a, b, { length: m * n }].map(({ length }) => length * bytes), (...at) => {
          const [pa, pb, pc] = at as [number, number, number];
          view(pa, m * k).set(form === "TN" ? transposed(a, m, k) : a);
          view(pb, k * n).set(form === "NT" ? transposed(b, k, n) : b);
          product({ type, form, m, n, k, a: pa, b: pb, c: pc });
          const once = exact(m, n, k, a, b);
          assertClose(view(pc, m * n), once, 0, `${form} ${m}×${n}×${k}`);
          product({ type, form, m, n, k, a: pa, b: pb, c: pc, accumulate: true });
          assertClose(view(pc, m * n), once.map((x) => 2 * x), 0, `${form} ${m}×${n}×${k}, added`);
        });
      }
    }
  });

  inBothBuilds(`product() of ${type} forgets a product of NaN before it`, () => {
    const [m, n, k] = [11, 19, 21];
    const [a, b] = [wholeMatrix(type, m * k, 14), wholeMatrix(type, k * n, 15)];
    const view = type === "f32" ? floats : doubles;
    const sizes = [m * k, k * n, m * n].map((size) => size * bytes);
    const [pa, pb, pc] = sizes.map(allocate) as [number, number, number];
    for (const [pointer, size] of [[pa, m * k], [pb, k * n], [pc, m * n]] as const) {
      view(pointer, size).fill(NaN);
    }
    product({ type, form: "NN", m, n, k, a: pa, b: pb, c: pc });
    assertEquals(view(pc, m * n).every(Number.isNaN), true);
    view(pa, m * k).set(a);
    view(pb, k * n).set(b);
    product({ type, form: "NN", m, n, k, a: pa, b: pb, c: pc });
    assertClose(view(pc, m * n), exact(m, n, k, a, b), 0, "after NaN");
    [pa, pb, pc].forEach((pointer, i) => release(pointer, sizes[i]!));
  });
}
