/**
 * A program on several threads, run in a process of its own: what it does last is its argument.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure, info, matmulNT, random, scope } from "../../mod.ts";

interface Process {
  readonly argv: readonly string[];
  exit(code: number): never;
}
const { process } = globalThis as unknown as { process: Process };
const last = process.argv[2];

/** A number that hangs on every bit of a large product. */
function fingerprint(): number {
  return scope(() => {
    const [a, b] = [random(1).normal([600, 300]), random(2).normal([200, 300])];
    const bits = new Uint32Array(matmulNT(a, b).toArray().buffer);
    return bits.reduce((sum, word) => Math.imul(sum, 31) + word >>> 0, 7);
  });
}

const alone = fingerprint();
configure({ threads: 3 });
if (info().threads !== 3) throw new Error(info().threadsReason);
for (let i = 0; i < 20; i++) {
  if (fingerprint() !== alone) throw new Error("other bits on three threads");
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log("computed");
switch (last) {
  case "throws":
    throw new Error("stop");
  case "throws while computing":
    scope(() => {
      fingerprint();
      throw new Error("stop");
    });
    break;
  case "exits":
    process.exit(3);
    break;
  case "goes back to one thread":
    configure({ threads: 1 });
    if (fingerprint() !== alone) throw new Error("other bits on one thread again");
    break;
  case "computes for ever":
    for (;;) fingerprint();
}
