import { assert, assertEquals } from "@std/assert";
import { diverging, divergingPalette } from "../../src/report/color.ts";
import type { Rgba } from "../../src/report/color.ts";

/** Relative luminance (WCAG 2.2) of a color laid over a grey background. */
function luminance({ red, green, blue, alpha }: Rgba, under: number): number {
  const channel = (value: number): number => {
    const mixed = (value * alpha + under * (255 - alpha)) / 255 / 255;
    return mixed <= 0.04045 ? mixed / 12.92 : ((mixed + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
}

const steps = Array.from({ length: 101 }, (_, index) => index / 100);

Deno.test("diverging() is transparent at zero and opaque at both ends", () => {
  assertEquals(diverging(0).alpha, 0);
  assertEquals(diverging(-0).alpha, 0);
  assertEquals([diverging(-1).alpha, diverging(1).alpha], [255, 255]);
});

Deno.test("diverging() is equally strong on both sides", () => {
  for (const t of steps) {
    assertEquals(diverging(t).alpha, diverging(-t).alpha);
    const difference = luminance(diverging(t), 255) - luminance(diverging(-t), 255);
    assert(Math.abs(difference) < 0.06, `${t}: ${difference}`);
  }
});

Deno.test("diverging() is red below zero and blue above", () => {
  for (const t of steps.slice(2)) {
    assert(diverging(t).blue > diverging(t).red, `${t}`);
    assert(diverging(-t).red > diverging(-t).blue, `${-t}`);
  }
});

Deno.test("diverging() grows darker on white with |t|, and more opaque", () => {
  for (const sign of [1, -1]) {
    for (let i = 1; i < steps.length; i++) {
      const [before, after] = [diverging(sign * steps[i - 1]!), diverging(sign * steps[i]!)];
      assert(after.alpha >= before.alpha);
      assert(luminance(after, 255) <= luminance(before, 255) + 0.004);
    }
  }
});

Deno.test("diverging() clips beyond ±1 and draws NaN as zero", () => {
  assertEquals(diverging(7), diverging(1));
  assertEquals(diverging(-Infinity), diverging(-1));
  assertEquals(diverging(NaN).alpha, 0);
});

Deno.test("divergingPalette() has 255 colors with zero in the middle and bytes for channels", () => {
  const palette = divergingPalette();
  assertEquals(palette.length, 255);
  assertEquals(palette[127]!.alpha, 0);
  assertEquals([palette[0], palette[254]], [diverging(-1), diverging(1)]);
  for (const color of palette) {
    for (const value of Object.values(color)) {
      assert(Number.isInteger(value) && value >= 0 && value <= 255);
    }
  }
});
