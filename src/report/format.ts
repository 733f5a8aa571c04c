/**
 * Numbers as people read them.
 *
 * @module
 */

const superscripts: Record<string, string> = {
  "-": "⁻",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};

/** Typographic minus and, in the whole part, a comma every three digits. */
function polish(digits: string): string {
  const [whole = "", fraction] = digits.replace("-", "−").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function powerForm(value: number, digits: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential(digits - 1).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  const raised = [...String(Number(exponent))].map((digit) => superscripts[digit]!).join("");
  if (short === "1") return `10${raised}`;
  if (short === "-1") return `−10${raised}`;
  return `${polish(short)}×10${raised}`;
}

/**
 * A number to a few significant digits: `0.00123`, `12,345`, `−1.5×10⁻⁷`, `∞`, `NaN`.
 *
 * Whole numbers below a million are printed in full.
 *
 * @param value any number
 * @param digits significant digits, 3 unless told
 *
 * @example
 * ```ts
 * import { formatNumber } from "@odot/odot/report";
 * import { assertEquals } from "@std/assert";
 * assertEquals(formatNumber(-0.12345), "−0.123");
 * assertEquals(formatNumber(60000), "60,000");
 * assertEquals(formatNumber(1.5e-7), "1.5×10⁻⁷");
 * ```
 */
export function formatNumber(value: number, digits: number = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return polish(String(value));
  if (size < 1e-3 || size >= 1e6) return powerForm(value, digits);
  return polish(String(Number(value.toPrecision(digits))));
}

/** A signed number: as {@linkcode formatNumber}, with a plus before what is above zero. */
export function formatSigned(value: number, digits: number = 3): string {
  return (value > 0 ? "+" : "") + formatNumber(value, digits);
}

/** A share of one as a percentage: `97.5%`. */
export function formatPercent(share: number, decimals: number = 1): string {
  if (!Number.isFinite(share)) return "–";
  return polish((share * 100).toFixed(share === 0 || share === 1 ? 0 : decimals)) + "%";
}

/** A tick's value with as many decimals as its step needs, so that all ticks of an axis agree. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const place = Math.floor(Math.log10(step) + 1e-9);
  if (size >= 1e6 || step < 1e-4) {
    const digits = Math.max(1, Math.min(15, Math.floor(Math.log10(size) + 1e-9) - place + 1));
    return powerForm(value, digits);
  }
  return polish(value.toFixed(Math.max(0, -place)));
}
