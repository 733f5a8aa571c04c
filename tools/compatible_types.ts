/**
 * Declarations that TypeScript 5.4 reads too: typed arrays have had a type parameter since 5.7 alone, and
 * `Symbol.dispose` is declared only where a library that older defaults leave out is named.
 */
export function compatibleTypes(text: string): string {
  const arrays = text.replace(/\b(\w+Array)<ArrayBuffer>/g, "ReturnType<typeof $1.of>")
    .replace(/\b(\w+Array)<ArrayBufferLike>/g, "$1");
  return arrays.includes("[Symbol.dispose]")
    ? `/// <reference lib="esnext.disposable" />\n${arrays}`
    : arrays;
}
