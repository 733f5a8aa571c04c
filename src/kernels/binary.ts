/** Bytes of a base64 text, by the engine's own decoder where it has one. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const native =
    (Uint8Array as unknown as { fromBase64?(text: string): Uint8Array<ArrayBuffer> }).fromBase64;
  if (native) return native.call(Uint8Array, text);
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

/** Bytes of a hexadecimal text. */
function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

// Whole modules with one instruction of the feature in a function body: the engine validates them or not.
const PROBES = {
  simd: "0061736d010000000105016000017b030201000a0a0108004100fd0ffd620b",
  relaxedSimd: "0061736d0100000001060160017b017b030201000a0d010b00200020002000fd85020b",
} as const;

/** Whether the engine has a WebAssembly feature. */
export function supports(feature: keyof typeof PROBES): boolean {
  return WebAssembly.validate(fromHex(PROBES[feature]));
}
