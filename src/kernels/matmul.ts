import { kernels, microKernels, team } from "./runtime.ts";
import type { Address } from "./signatures.ts";
import { allocate, release, withBlocks } from "./heap.ts";
import type { Team } from "./threads.ts";

/** Which operands of a product are stored transposed: NN: A [m,k] B [k,n]; NT: B [n,k]; TN: A [k,m]. */
export type Form = "NN" | "NT" | "TN";

/** Sizes and place of one product. */
export interface Product {
  readonly type: "f32" | "f64";
  readonly form: Form;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Address;
  readonly b: Address;
  readonly c: Address;
  /** C += A·B instead of C = A·B. */
  readonly accumulate?: boolean;
  /** Bytes between rows, for operands that are parts of wider matrices; dense by default. */
  readonly aRow?: number;
  readonly bRow?: number;
  readonly cRow?: number;
  /** C is symmetric, and nobody reads what lies below its diagonal: most of that is not computed. */
  readonly upper?: boolean;
  /** B as `packOnce` laid it out; six rows or fewer are still multiplied with B itself. */
  readonly panels?: Address;
}

/** Most rows of A for which B is read as it is stored instead of packed. */
const FEW = 6;

/** Most bytes of B, and most columns, that are packed at a time: a slab of them stays in the cache. */
const WORKSPACE = 8 * 2 ** 20, COLUMNS = 1024;
/** Rows of C a chunk: whole strips of both builds, 5 and 6 rows high. */
const CHUNK = 30;
/** Products of at least so many multiply-adds are worth sharing out. */
let worthSharing = 2 ** 21;

/** Sets from how many multiply-adds on products are shared out, and returns what it was; for tests. */
export function shareFrom(multiplyAdds: number): number {
  const before = worthSharing;
  worthSharing = multiplyAdds;
  return before;
}

/** Which micro-kernels, as the kernels take it. */
export function rolled(): number {
  return microKernels() === "rolled" ? 1 : 0;
}

/** How B [k, n] is packed: so many columns at a time, each taking so many bytes. */
function panelPlan(
  { type, n, k }: Pick<Product, "type" | "n" | "k">,
): { width: number; column: number } {
  const size = type === "f32" ? 4 : 8, panel = 32 / size;
  const column = size * Math.max(16, Math.ceil(k / 16) * 16);
  const most = Math.min(COLUMNS, Math.max(panel, Math.floor(WORKSPACE / column / panel) * panel));
  return { width: Math.min(most, Math.ceil(Math.max(1, n) / panel) * panel), column };
}

/** Bytes that B takes when all of it is packed. */
export function packedBytes(sizes: Pick<Product, "type" | "n" | "k">): number {
  const { width, column } = panelPlan(sizes);
  return Math.ceil(sizes.n / width) * width * column;
}

/** Packs all of B into a block of `packedBytes`, for products that meet it again and again. */
export function packOnce(
  sizes: Pick<Product, "type" | "form" | "n" | "k" | "b">,
  panels: Address,
): void {
  const { type, form, n, k, b } = sizes, { width, column } = panelPlan(sizes);
  const size = type === "f32" ? 4 : 8, bRow = size * (form === "NT" ? k : n);
  const pack = kernels()[`pack_${type}`];
  for (let j = 0; j < n; j += width) {
    const count = Math.min(width, n - j), from = b + j * (form === "NT" ? bRow : size);
    const last = Math.ceil(count * size / 32);
    pack(0, last, count, k, from, bRow, form === "NT" ? 1 : 0, panels + j * column);
  }
}

/** C [m, n] (+)= A·B for row-major operands in the kernels' memory, with its own workspace. */
export function product(sizes: Product): void {
  const { type, form, m, n, k, a, b, c, accumulate = false, upper = false, panels } = sizes;
  const size = type === "f32" ? 4 : 8;
  if (m <= FEW && form !== "TN" && type === "f32" && !accumulate) {
    fewRows(sizes);
    return;
  }
  const { width, column } = panelPlan(sizes);
  const { aRow = size * (form === "TN" ? m : k), bRow = size * (form === "NT" ? k : n) } = sizes;
  const cRow = sizes.cRow ?? n * size;
  const threads = m * n * k >= worthSharing && k > 0 && m > CHUNK ? team() : undefined;
  if (threads) {
    const whole = { ...sizes, accumulate, upper, aRow, bRow, cRow };
    if (panels !== undefined) shareOut(whole, width, panels, column, threads);
    else withBlocks([column * width], (block) => shareOut(whole, width, block, 0, threads));
    return;
  }
  const [aT, bT, add] = [form === "TN" ? 1 : 0, form === "NT" ? 1 : 0, accumulate ? 1 : 0];
  if (panels !== undefined && k > 0) {
    const sweep = kernels()[`sweep_${type}`];
    for (let j = 0; j < n; j += width) {
      const count = Math.min(width, n - j);
      const from = panels + j * column, to = c + j * size;
      sweep(0, m, count, k, a, aRow, aT, from, to, cRow, add, upper ? j : -1, rolled());
    }
    return;
  }
  const run = kernels()[`matmul_${type}`], bytes = column * width, workspace = allocate(bytes);
  try {
    const place = [c, cRow, add, upper ? 1 : 0] as const;
    run(m, n, k, a, aRow, aT, b, bRow, bT, ...place, width, workspace, rolled());
  } finally {
    release(workspace, bytes);
  }
}

/** A product of few rows, one at a time. */
function fewRows({ form, m, n, k, a, b, c, aRow = 4 * k, bRow, cRow = 4 * n }: Product): void {
  for (let i = 0; i < m; i++) {
    const x = a + i * aRow, y = c + i * cRow;
    if (form === "NT") kernels().matvec_f32(n, k, b, bRow ?? 4 * k, x, y);
    else kernels().vecmat_f32(n, k, x, b, bRow ?? 4 * n, y);
  }
}

/** A product with nothing left to be supposed. */
type Shared = Required<Omit<Product, "panels">> & Pick<Product, "panels">;

/**
 * The same product on several threads: `width` columns of B at a time, panels packed by all, then rows of
 * C by all. The sum for an element is the same whoever computes it: its order depends on k alone.
 */
function shareOut(
  { type, form, m, n, k, a, b, c, accumulate, upper, aRow, bRow, cRow, panels: packed }: Shared,
  width: number,
  workspace: Address,
  column: number,
  { team, build }: { readonly team: Team; readonly build: number },
): void {
  const size = type === "f32" ? 4 : 8;
  const panel = 32 / size;
  const { [`pack_${type}` as const]: pack, [`sweep_${type}` as const]: sweep } = kernels();
  for (let j = 0; j < n; j += width) {
    const count = Math.min(width, n - j), panels = Math.ceil(count / panel);
    const from = b + j * (form === "NT" ? bRow : size);
    const share = Math.ceil(panels / (4 * team.threads()));
    if (packed === undefined) {
      const packing = [count, k, from, bRow, form === "NT" ? 1 : 0, workspace];
      team.share(build, `pack_${type}`, pack, panels, share, packing);
    }
    const to = c + j * size;
    const sweeping = [count, k, a, aRow, form === "TN" ? 1 : 0, workspace + j * column, to, cRow];
    team.share(build, `sweep_${type}`, sweep, m, CHUNK, [
      ...sweeping,
      accumulate ? 1 : 0,
      upper ? j : -1,
      rolled(),
    ]);
  }
}
