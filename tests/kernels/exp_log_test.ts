import { assert, assertEquals } from "@std/assert";
import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds, withBuild } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { leakChecked } from "../support/leaks.ts";
import { LENGTHS } from "../support/sizes.ts";
import { assertClose, assertSame, ulp, ULPS } from "../support/tolerances.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Largest finite f32 and the number halfway to the next, from which on results are infinite. */
const LARGEST = 2 ** 128 - 2 ** 104;
const OVERFLOW = 2 ** 128 - 2 ** 103;

/** Every stride-th f32 by its bits, of both signs, subnormals and NaN among them. */
function everyFloat(stride: number): Floats {
  return new Float32Array(
    Uint32Array.from({ length: Math.floor(2 ** 32 / stride) }, (_, i) => i * stride).buffer,
  );
}

/** The 2·reach + 1 numbers of f32 around a positive one. */
function around(value: number, reach = 200): Floats {
  const middle = new Uint32Array(Float32Array.of(value).buffer)[0]!;
  return new Float32Array(
    Uint32Array.from({ length: 2 * reach + 1 }, (_, i) => middle - reach + i).buffer,
  );
}

function kernel(name: "exp" | "log", x: Floats): Floats {
  return invoke(name, x.length, x, unwritten(x.length)).after[1] as Floats;
}

/** Asserts results within the known error of the exact ones, here those of f64. */
function assertAccurate(name: "exp" | "log", x: Floats): void {
  const actual = kernel(name, x);
  let worst = 0, where = NaN;
  for (let i = 0; i < x.length; i++) {
    const value = actual[i]!, exact = Math[name](x[i]!);
    if (Number.isNaN(exact) || Math.abs(exact) >= OVERFLOW) {
      assert(Object.is(value, Math.fround(exact)), `${name}(${x[i]}) is ${value}, not ${exact}`);
      continue;
    }
    const error = Math.abs(value - exact) / ulp(exact);
    if (!(error <= worst)) [worst, where] = [error, x[i]!];
  }
  assert(worst <= ULPS[name], `${name}(${where}) is wrong by ${worst} units of the last place`);
}

for (const name of ["exp", "log"] as const) {
  inBothBuilds(`${name}() is within ${ULPS[name]} units of the last place over all of f32`, () => {
    assertAccurate(name, everyFloat(4093));
  });

  inBothBuilds(`${name}() equals its twin in every tail, in place too`, () => {
    for (const n of LENGTHS) {
      const x = Float32Array.from({ length: n }, (_, i) => 0.37 * (i + 1));
      const twin = reference[name](x);
      assertClose(kernel(name, x), twin, (i) => 1.5 * ulp(twin[i]!), `${n} numbers`);
      assertSame(invoke(name, n, x, x).after[0]!, kernel(name, x), `${n} numbers, in place`);
    }
  });

  leakChecked(`${name}() gives the same bits in both builds`, () => {
    const x = everyFloat(65537);
    const [strict, fast] = (["strict", "fast"] as const).map((choice) =>
      withBuild(choice, () => new Uint32Array(kernel(name, x).buffer))
    );
    assertEquals(strict, fast);
  });
}

inBothBuilds("exp() overflows, underflows and keeps NaN as it should", () => {
  const x = Float32Array.of(
    0,
    -0,
    NaN,
    Infinity,
    -Infinity,
    88.72283,
    -104,
    -103.2789,
    1e30,
    -1e30,
  );
  const y = kernel("exp", x);
  assertSame(y.slice(0, 5), [1, 1, NaN, Infinity, 0], "exact values");
  assert(y[5]! > 3.4e38 && y[5]! <= LARGEST, `exp(${x[5]}) is ${y[5]}`);
  assertSame(y.slice(6), [0, 2 ** -149, Infinity, 0], "both ends");
  for (const edge of [88.72284, 89]) assertAccurate("exp", around(edge));
  for (const edge of [87.33655, 103.27893, 103.97208, 104]) {
    assertAccurate("exp", around(edge).map((value) => -value));
  }
});

inBothBuilds("log() handles subnormals, both ends and what has no logarithm", () => {
  const x = Float32Array.of(1, 0, -0, Infinity, -Infinity, NaN, -1, -1e-45);
  assertSame(kernel("log", x), [0, -Infinity, -Infinity, Infinity, NaN, NaN, NaN, NaN], "corners");
  assertAccurate(
    "log",
    new Float32Array(Uint32Array.from({ length: 4096 }, (_, i) => i + 1).buffer),
  );
  for (const edge of [2 ** -126, 2 ** -127, Math.SQRT1_2, 1, 2]) {
    assertAccurate("log", around(edge));
  }
});
