// Reads formulas back: numbers, names, squares, products without a sign, brackets and signed sums.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹", SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

/** Digits as a subscript: ₀₁, or ₀,₁₂ where an index has two. */
export function subscripted(letter: string, ...indices: number[]): string {
  const text = indices.join(indices.some((index) => index > 9) ? "," : "");
  return letter + text.replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)]!);
}

/** A formula in LaTeX written as plain text is. */
export function plainText(latex: string): string {
  const raised = (digits: string) =>
    digits.replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]!).replace("-", "⁻");
  return latex
    .replace(
      /_\{([\d,]+)\}/g,
      (_, indices: string) => indices.replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)]!),
    )
    .replace(/ \\cdot 10\^\{(-?\d+)\}/g, (_, power: string) => `·10${raised(power)}`)
    .replace(/\^2/g, "²").replace(/\\,|\\cdot/g, "·").replace(/-/g, "−");
}

/** Value of a formula at the values of its names; throws where it cannot be read. */
export function valueOf(text: string, values: ReadonlyMap<string, number>): number {
  const names = [...values.keys()].sort((a, b) => b.length - a.length);
  let rest = text;
  const take = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0];
    if (found !== undefined) rest = rest.slice(found.length);
    return found;
  };
  const factor = (): number | undefined => {
    take(/^[ ·]+(?![+−])/);
    if (take(/^\(/)) {
      const value = sum();
      if (!take(/^\)/)) throw new SyntaxError(`no ) at ${rest}`);
      return value;
    }
    const name = names.find((one) => rest.startsWith(one));
    if (name !== undefined) {
      rest = rest.slice(name.length);
      return values.get(name)! ** (take(/^²/) ? 2 : 1);
    }
    const mantissa = take(/^\d+(\.\d+)?/);
    if (mantissa === undefined) return undefined;
    const power = take(/^·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+/)?.slice(3) ?? "";
    const digits = [...power].map((c) => c === "⁻" ? "-" : SUPERSCRIPTS.indexOf(c)).join("");
    return Number(`${mantissa}e${digits || 0}`);
  };
  const product = (): number => {
    let result = factor();
    if (result === undefined) throw new SyntaxError(`nothing to multiply at "${rest}"`);
    for (let next = factor(); next !== undefined; next = factor()) result *= next;
    return result;
  };
  const sum = (): number => {
    let total = take(/^−/) ? -product() : product();
    for (let sign = take(/^ [+−] /); sign; sign = take(/^ [+−] /)) {
      total += sign === " + " ? product() : -product();
    }
    return total;
  };
  const value = sum();
  if (rest !== "") throw new SyntaxError(`cannot read "${rest}" in "${text}"`);
  return value;
}
