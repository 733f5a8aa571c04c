/**
 * The diverging color scale, red below zero and blue above, equally strong on both sides.
 *
 * Both arms are drawn in OKLab (Björn Ottosson, "A perceptual color space for image processing",
 * 2020), where equal steps look equal, with the same lightness at −t and +t. The colors are then
 * taken apart into a pure color and an opacity, so that zero is *transparent*: the same image runs
 * from white to blue and red on a light page, and from black on a dark one.
 *
 * @module
 */

/** A color: red, green, blue and opacity as integers from 0 to 255, dimensionless. */
export interface Rgba {
  /** Red, 0 to 255. */
  red: number;
  /** Green, 0 to 255. */
  green: number;
  /** Blue, 0 to 255. */
  blue: number;
  /** Opacity, 0 (transparent) to 255. */
  alpha: number;
}

/** Hue angles of the two arms in OKLab, in degrees, and how far they reach at full strength. */
const arms = { negative: 25, positive: 256, chroma: 0.165, depth: 0.5 };

function gamma(linear: number): number {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** OKLab lightness, chroma and hue (degrees) to sRGB in [0, 1], clipped to the gamut. */
function oklch(lightness: number, chroma: number, hue: number): [number, number, number] {
  const a = chroma * Math.cos(hue * Math.PI / 180), b = chroma * Math.sin(hue * Math.PI / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channel = (x: number, y: number, z: number): number =>
    gamma(Math.max(0, Math.min(1, x * l + y * m + z * s)));
  return [
    channel(4.0767416621, -3.3077115913, 0.2309699292),
    channel(-1.2684380046, 2.6097574011, -0.3413193965),
    channel(-0.0041960863, -0.7034186147, 1.707614701),
  ];
}

/** The color of one arm over white at strength t in [0, 1]. */
function arm(strength: number, hue: number): [number, number, number] {
  // Chroma rises early and levels off: faint values already have a clear hue.
  const chroma = arms.chroma * (1 - (1 - strength) ** 1.7);
  return oklch(1 - arms.depth * strength, chroma, hue);
}

/** The least opacity from which white can be mixed into the arm's color. */
function opacity(strength: number): number {
  const lack = (hue: number): number => 1 - Math.min(...arm(strength, hue));
  const full = (hue: number): number => 1 - Math.min(...arm(1, hue));
  return Math.max(
    lack(arms.negative) / full(arms.negative),
    lack(arms.positive) / full(arms.positive),
  );
}

/**
 * The color of t in [−1, 1]: red below zero, transparent at zero, blue above; opacity is even in t.
 *
 * @param t value divided by its limit, dimensionless; clipped to [−1, 1], NaN is drawn as zero
 *
 * @example
 * ```ts
 * import { diverging } from "@odot/odot/report";
 * import { assertEquals } from "@std/assert";
 * assertEquals(diverging(0).alpha, 0);
 * assertEquals(diverging(-0.5).alpha, diverging(0.5).alpha);
 * ```
 */
export function diverging(t: number): Rgba {
  const strength = Math.min(1, Math.abs(t)) || 0;
  const alpha = strength === 0 ? 0 : Math.min(1, opacity(strength));
  if (alpha === 0) return { red: 255, green: 255, blue: 255, alpha: 0 };
  const over = arm(strength, t < 0 ? arms.negative : arms.positive);
  const channel = (value: number): number =>
    Math.round(255 * Math.max(0, Math.min(1, (value - (1 - alpha)) / alpha)));
  return {
    red: channel(over[0]),
    green: channel(over[1]),
    blue: channel(over[2]),
    alpha: Math.round(255 * alpha),
  };
}

/** The 255 colors of the diverging scale for t = −1 … +1; zero is number 127. */
export function divergingPalette(): Rgba[] {
  return Array.from({ length: 255 }, (_, index) => diverging((index - 127) / 127));
}
