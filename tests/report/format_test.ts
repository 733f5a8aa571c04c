import { assertEquals } from "@std/assert";
import { formatNumber, formatPercent, formatSigned, formatTick } from "../../src/report/format.ts";

Deno.test("formatNumber() is short, typographic and never lies about what is not a number", () => {
  const cases: [number, string][] = [
    [0, "0"],
    [-0, "0"],
    [1, "1"],
    [-1.5, "−1.5"],
    [0.1 + 0.2, "0.3"],
    [1234567, "1.23×10⁶"],
    [999999, "999,999"],
    [-12345.678, "−12,300"],
    [0.00012, "1.2×10⁻⁴"],
    [1e-12, "10⁻¹²"],
    [-1e20, "−10²⁰"],
    [5e-324, "4.94×10⁻³²⁴"],
    [1.7976931348623157e308, "1.8×10³⁰⁸"],
    [NaN, "NaN"],
    [Infinity, "∞"],
    [-Infinity, "−∞"],
  ];
  for (const [value, expected] of cases) assertEquals(formatNumber(value), expected);
});

Deno.test("formatSigned() marks what is above zero", () => {
  assertEquals([2, -2, 0].map((value) => formatSigned(value)), ["+2", "−2", "0"]);
});

Deno.test("formatPercent() never rounds a mistake away", () => {
  assertEquals(formatPercent(0.975), "97.5%");
  assertEquals(formatPercent(1), "100%");
  assertEquals(formatPercent(0.9999), "100.0%");
  assertEquals(formatPercent(NaN), "–");
});

Deno.test("formatTick() gives all ticks of an axis the decimals of its step", () => {
  assertEquals([0.5, 1, 1.5].map((value) => formatTick(value, 0.5)), ["0.5", "1.0", "1.5"]);
  assertEquals([1000, 2000].map((value) => formatTick(value, 1000)), ["1,000", "2,000"]);
  assertEquals([2e-7, 4e-7].map((value) => formatTick(value, 2e-7)), ["2×10⁻⁷", "4×10⁻⁷"]);
  assertEquals(formatTick(1e9 + 1, 1), "1.000000001×10⁹");
});
