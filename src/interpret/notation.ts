/** The two ways to write a formula. */
export type Writing = "text" | "latex";

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** Indices as a subscript: ₀₁, or ₀,₁₂ where one has two digits; _{01} in LaTeX. */
export function subscript(indices: readonly number[], kind: Writing): string {
  const separator = indices.some((index) => index > 9) ? "," : "";
  const digits = indices.join(separator);
  return kind === "latex" ? `_{${digits}}` : digits.replace(/\d/g, (d) => SUBSCRIPTS[Number(d)]!);
}

/** A number ≥ 0 with so many significant digits: 0.5, 12, 1.5·10⁻⁷. */
export function numberText(value: number, kind: Writing, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  const text = String(rounded), [mantissa, exponent] = text.split("e");
  if (exponent === undefined) return text;
  const power = exponent.replace("+", "");
  if (kind === "latex") return `${mantissa} \\cdot 10^{${power}}`;
  const raised = power.replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]!);
  return `${mantissa}·10${raised}`;
}

/** A letter, Greek ones in LaTeX included, perhaps with a subscript: names that need no sign between. */
const LETTER = /^(\p{L}|\\[a-zA-Z]+)([₀-₉,]+|_\{[^{}]*\}|_\p{L}|_\d)?$/u;

/** What stands between factors: nothing or a space, but a dot where names of several letters are among them. */
export function multiplication(names: readonly string[], kind: Writing): string {
  const single = names.every((name) => LETTER.test(name));
  return kind === "latex" ? (single ? " " : " \\cdot ") : single ? "" : "·";
}

/**
 * A signed sum of coefficient·body, terms of coefficient 0 left out: 3x² − xy + 2. `times` stands
 * between a number and a body.
 */
export function joinSigned(
  terms: readonly { readonly coefficient: number; readonly body: string }[],
  { kind, digits, times }: {
    readonly kind: Writing;
    readonly digits: number;
    readonly times: string;
  },
): string {
  let result = "";
  for (const { coefficient, body } of terms) {
    if (coefficient === 0) continue;
    const number = numberText(Math.abs(coefficient), kind, digits);
    // 1·10⁻⁷·x and not 1·10⁻⁷x
    const glue = number.includes("·") ? "·" : times;
    const shown = !body ? number : number === "1" ? body : `${number}${glue}${body}`;
    const negative = coefficient < 0, minus = kind === "latex" ? "-" : "−";
    result += result ? ` ${negative ? minus : "+"} ${shown}` : `${negative ? minus : ""}${shown}`;
  }
  return result || "0";
}
