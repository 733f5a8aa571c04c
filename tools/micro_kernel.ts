/**
 * Generates the micro-kernels of the matrix product: for one strip of A (`rows` × `depth`, at a constant
 * address) and a run of packed panels of B (`depth` × `columns` each), C = A·B or C += A·B.
 *
 * The whole product over `depth` is unrolled, so every load of A has a constant address and needs no
 * bounds check; the few locals are reused in every step, so that the engine keeps the accumulators in
 * registers. ARCHITECTURE.md, "Four findings", has the measurements behind both.
 *
 * @module
 */

/** Shape of one micro-kernel. */
export interface Tile {
  /** Element type. */
  readonly type: "f32" | "f64";
  /** Whether multiply-add is one instruction. */
  readonly fused: boolean;
  /** Rows of the strip. */
  readonly rows: number;
  /** Steps of the inner dimension per call, all unrolled. */
  readonly depth: number;
}

/** Vectors of 128 bits across one panel of B: 8 columns of f32 or 4 of f64. */
export const PANEL_VECTORS = 2;

/** Most rows of a tile: with the loads, 6 fill 15 registers; an unfused product needs one for itself. */
export function mostRows(fused: boolean): number {
  return fused ? 6 : 5;
}

/** Rows of the low tile, which ends blocks that are no whole number of tall ones: batches of 2ᵏ rows. */
export const LOW_ROWS = 4;

/** Name of the generated function. */
export function tileName(tile: Tile): string {
  return `${tile.fused ? "fused" : "separate"}_${tile.type}_${tile.rows}x${tile.depth}`;
}

/** Name of the same tile with a loop over the inner dimension instead: any depth. */
export function rolledName({ type, fused, rows }: Omit<Tile, "depth">): string {
  return `${fused ? "fused" : "separate"}_${type}_${rows}_rolled`;
}

/** AssemblyScript source of one micro-kernel. */
export function microKernel(tile: Tile): string {
  const { depth, rows } = tile, bytes = bytesOf(tile);
  const steps = Array.from(
    { length: depth },
    (_, k) => step(tile, 16 * k * PANEL_VECTORS, (i) => `WINDOW + ${(k * rows + i) * bytes}`),
  );
  return [
    `export function ${
      tileName(tile)
    }(panels: i32, b: usize, c: usize, row: usize, accumulate: bool): void {`,
    `  for (let j = 0; j < panels; j++) {`,
    ...beginning(tile),
    ...steps.flat(),
    ...ending(tile),
    `    b += ${depth * PANEL_VECTORS * 16};`,
    `    c += ${16 * PANEL_VECTORS};`,
    `  }`,
    `}\n`,
  ].join("\n");
}

/**
 * The same for one panel, with a loop over the inner dimension, for engines that spill a long run of code:
 * the same sums in the same order, so the same bits. One panel, because V8 before version 13 unrolls a
 * loop inside a loop, and spills again.
 */
export function rolledKernel(tile: Omit<Tile, "depth">): string {
  return [
    `export function ${
      rolledName(tile)
    }(depth: i32, b: usize, c: usize, row: usize, accumulate: bool): void {`,
    ...beginning(tile),
    `    let w: usize = WINDOW;`,
    `    for (const end = w + ${tile.rows * bytesOf(tile)} * depth; w < end; w += ${
      tile.rows * bytesOf(tile)
    }) {`,
    ...step(tile, 0, (i) => `w, ${i * bytesOf(tile)}`),
    `      b += ${PANEL_VECTORS * 16};`,
    `    }`,
    ...ending(tile),
    `}\n`,
  ].join("\n");
}

type Shape = Omit<Tile, "depth">;
const VECTORS: readonly number[] = [...Array(PANEL_VECTORS).keys()];

function bytesOf({ type }: Shape): number {
  return type === "f32" ? 4 : 8;
}

function accumulator(row: number, vector: number): string {
  return `c${row}_${vector}`;
}

function strip({ rows }: Shape): number[] {
  return [...Array(rows).keys()];
}

/** Declares the few locals of a tile; the accumulators are zero. */
function beginning(tile: Shape): string[] {
  const { type } = tile, zero = `${type}x${16 / bytesOf(tile)}.splat(0)`;
  const accumulators = strip(tile).flatMap((i) => VECTORS.map((v) => accumulator(i, v)));
  return [
    `    let ${accumulators.map((name) => `${name} = ${zero}`).join(", ")};`,
    `    let a: v128, ${VECTORS.map((v) => `b${v}: v128`).join(", ")};`,
  ];
}

/** One step of the inner dimension: loads at b + `panel` and at the place of each row, two products a row. */
function step(tile: Shape, panel: number, place: (row: number) => string): string[] {
  const { type, fused } = tile, bytes = bytesOf(tile);
  // written out: an inlined helper would bring its own locals, and the engine would spill
  const madd = (a: string, b: string, c: string) =>
    fused
      ? `v128.relaxed_madd<${type}>(${a}, ${b}, ${c})`
      : `v128.add<${type}>(${c}, v128.mul<${type}>(${a}, ${b}))`;
  return [
    ...VECTORS.map((v) => `    b${v} = v128.load(b, ${panel + 16 * v});`),
    ...strip(tile).map((i) => {
      const products = VECTORS.map((v) =>
        `${accumulator(i, v)} = ${madd("a", `b${v}`, accumulator(i, v))};`
      );
      return `    a = v128.load${8 * bytes}_splat(${place(i)}); ${products.join(" ")}`;
    }),
  ];
}

/** Stores the accumulators, or adds them. */
function ending(tile: Shape): string[] {
  const store = (i: number, v: number, value: string) =>
    `      v128.store(p, ${value}, ${16 * v});${
      v === PANEL_VECTORS - 1 && i < tile.rows - 1 ? " p += row;" : ""
    }`;
  const stores = (value: (i: number, v: number) => string): string[] =>
    strip(tile).flatMap((i) => VECTORS.map((v) => store(i, v, value(i, v))));
  const added = (i: number, v: number) =>
    `v128.add<${tile.type}>(v128.load(p, ${16 * v}), ${accumulator(i, v)})`;
  return [
    `    let p = c;`,
    `    if (accumulate) {`,
    ...stores(added),
    `    } else {`,
    ...stores(accumulator),
    `    }`,
  ];
}

/** Every tile of both builds; the low ones for f32 alone, which batches are made of. */
export const TILES: readonly Tile[] = (["f32", "f64"] as const).flatMap((type) =>
  [true, false].flatMap((fused) =>
    [mostRows(fused), ...(type === "f32" ? [LOW_ROWS] : [])].flatMap((rows) =>
      [64, 16].map((depth): Tile => ({ type, fused, rows, depth }))
    )
  )
);

/** Every micro-kernel of both builds, as one AssemblyScript module. */
export function microKernels(): string {
  return [
    "// Generated by tools/micro_kernel.ts: do not edit.\n",
    `import { WINDOW } from "../memory";\n`,
    ...TILES.map(microKernel),
    ...TILES.filter(({ depth }) => depth === 16).map(rolledKernel),
  ].join("\n");
}
