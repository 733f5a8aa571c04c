/**
 * What one core can do at most with 128-bit vectors: loops of multiply-adds that touch no memory, written
 * as WebAssembly bytes and compiled at bench time. Every speed is judged by its ratio to the loop of its
 * build, measured in the same interleaving.
 *
 * @module
 */

/** Which loop: `fused` multiplies and adds in one instruction, `separate` in two (the strict build). */
export type Limit = "fused" | "separate";

// Independent chains hide the latency of the instruction. With the operand they share, fourteen fill the
// fifteen registers that V8 uses: fewer may starve the units, one more spills. Which number of chains a
// core runs best depends on how it deals them to its units, so the fastest of a few is the limit.
const CHAINS = [14, 13, 12] as const;
/** Rounds of all chains between two jumps. */
const UNROLLED = 8;

const I32 = 0x7f, F32 = 0x7d, V128 = 0x7b;

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

function simd(opcode: number): number[] {
  return [0xfd, ...leb(opcode)];
}

/** (passes: i32, x: f32) → f32: chains of acc ← acc · x + x. Parameters 0 and 1, x in 2, chains from 3. */
function loopBytes(kind: Limit, count: number): Uint8Array<ArrayBuffer> {
  const [get, set] = [(i: number): number[] => [0x20, i], (i: number): number[] => [0x21, i]];
  const splat = simd(0x13), multiply = simd(0xe6), add = simd(0xe4), fused = simd(0x105);
  const x = 2, chains = Array.from({ length: count }, (_, i) => 3 + i);
  const advance = (chain: number): number[] => [
    ...get(chain),
    ...get(x),
    ...(kind === "fused" ? [...get(x), ...fused] : [...multiply, ...get(x), ...add]),
    ...set(chain),
  ];
  const code = [
    ...[1, count + 1, V128], // one group of locals
    ...[...get(1), ...splat, ...set(x)],
    ...chains.flatMap((chain) => [...get(x), ...set(chain)]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: UNROLLED }, () => chains.flatMap(advance)).flat(),
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0], // passes ← passes − 1
    ...[0x0d, 0, 0x0b], // again unless 0; end of loop
    ...chains.flatMap((chain, i) => [...get(chain), ...(i > 0 ? add : [])]),
    ...[...simd(0x1f), 0, 0x0b], // lane 0 of the sum
  ];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, I32, F32, 1, F32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 1, 0x66, 0, 0]), // exports it as "f"
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}

/** A loop, ready to run. */
export interface LimitLoop {
  readonly kind: Limit;
  /** The highest speed seen so far, GFLOP/s. */
  readonly best: number;
  /** Runs for about a third of a millisecond and gives its speed, GFLOP/s in f32. */
  readonly sample: () => number;
  /** The speed of the fastest variant now, GFLOP/s: three samples. */
  readonly sweep: () => number;
}

/** Passes of a sample: a third of a millisecond, shorter than what a scheduler hands out. */
const PASSES = 20_000;

function variant(kind: Limit, chains: number): () => number {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(loopBytes(kind, chains)))
    .exports as {
      f: (passes: number, x: number) => number;
    };
  return () => {
    const start = performance.now();
    const sum = f(PASSES, 0.5);
    const milliseconds = performance.now() - start;
    // every chain starts at ½ and tends to 1
    if (Math.abs(sum - chains) > 1e-3) throw new Error(`The ${kind} limit loop gave ${sum}`);
    return PASSES * UNROLLED * chains * 2 * 4 / milliseconds / 1e6;
  };
}

/** The loop of a kind; `undefined` where the engine lacks the instruction. */
export function limitLoop(kind: Limit): LimitLoop | undefined {
  if (!WebAssembly.validate(loopBytes(kind, CHAINS[0]))) return undefined;
  const variants = CHAINS.map((chains) => ({ run: variant(kind, chains), best: 0 }));
  let best = 0;
  const run = (of: { readonly run: () => number; best: number }): number => {
    const speed = of.run();
    of.best = Math.max(of.best, speed);
    best = Math.max(best, speed);
    return speed;
  };
  const sweep = (): number => Math.max(...variants.map(run));
  for (let i = 0; i < 60; i++) sweep(); // the engine's optimising compiler takes over meanwhile
  const fastest = variants.reduce((a, b) => (b.best > a.best ? b : a));
  return {
    kind,
    get best(): number {
      return best;
    },
    sample: () => run(fastest),
    sweep,
  };
}
