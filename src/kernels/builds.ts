import { decode } from "./binary.ts";
import { positions as relaxedPositions, wasm as relaxedWasm } from "./generated/relaxed.ts";
import { positions as strictPositions, wasm as strictWasm } from "./generated/strict.ts";
import { unpack } from "./packed.ts";
import { decodePositions } from "./slots.ts";
import type { Binary } from "./threads.ts";

/** Which build runs: `relaxed` fuses multiply and add, `strict` gives the same bits in every engine. */
export type Build = "relaxed" | "strict";

/** The WebAssembly of a build. The relaxed one is stored as what differs from the strict one. */
export function buildBytes(build: Build): Uint8Array<ArrayBuffer> {
  const strict = unpack(decode(strictWasm));
  return build === "strict" ? strict : unpack(decode(relaxedWasm), strict);
}

/** The same, and where the modules of other threads differ. */
export function buildBinary(build: Build): Binary {
  const positions = build === "strict" ? strictPositions : relaxedPositions;
  return { module: buildBytes(build), positions: decodePositions(decode(positions)) };
}
