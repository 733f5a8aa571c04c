import { kernels, team } from "./runtime.ts";
import type { Address } from "./signatures.ts";
import { withBlocks } from "./heap.ts";
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
}

/** Most rows of A for which B is read as it is stored instead of packed. */
const FEW = 6;

/** Most bytes of B that are packed at a time. */
const WORKSPACE = 8 * 2 ** 20;
/** Rows of C a chunk: whole strips of both builds, 5 and 6 rows high. */
const CHUNK = 30;
/** Products of at least so many multiply-adds are worth sharing out. */
let worthSharing = 2 ** 20;

/** Sets from how many multiply-adds on products are shared out, and returns what it was; for tests. */
export function shareFrom(multiplyAdds: number): number {
  const before = worthSharing;
  worthSharing = multiplyAdds;
  return before;
}

/** C [m, n] (+)= A·B for row-major operands in the kernels' memory, with its own workspace. */
export function product(sizes: Product): void {
  const { type, form, m, n, k, a, b, c, accumulate = false } = sizes;
  const size = type === "f32" ? 4 : 8;
  if (m <= FEW && form !== "TN" && type === "f32" && !accumulate) {
    fewRows(sizes);
    return;
  }
  const panel = 32 / size;
  const depth = Math.max(16, Math.ceil(k / 16) * 16);
  const most = Math.max(panel, Math.floor(WORKSPACE / (depth * size) / panel) * panel);
  const width = Math.min(most, Math.ceil(Math.max(1, n) / panel) * panel);
  const { aRow = size * (form === "TN" ? m : k), bRow = size * (form === "NT" ? k : n) } = sizes;
  const cRow = sizes.cRow ?? n * size;
  withBlocks([depth * width * size], (workspace) => {
    const threads = m * n * k >= worthSharing && k > 0 && m > CHUNK ? team() : undefined;
    if (threads) {
      shareOut({ ...sizes, accumulate, aRow, bRow, cRow }, width, workspace, threads);
      return;
    }
    const run = type === "f32" ? kernels().matmul_f32 : kernels().matmul_f64;
    run(
      m,
      n,
      k,
      a,
      aRow,
      form === "TN" ? 1 : 0,
      b,
      bRow,
      form === "NT" ? 1 : 0,
      c,
      cRow,
      accumulate ? 1 : 0,
      width,
      workspace,
    );
  });
}

/** A product of few rows, one at a time. */
function fewRows({ form, m, n, k, a, b, c, aRow = 4 * k, bRow, cRow = 4 * n }: Product): void {
  for (let i = 0; i < m; i++) {
    const x = a + i * aRow, y = c + i * cRow;
    if (form === "NT") kernels().matvec_f32(n, k, b, bRow ?? 4 * k, x, y);
    else kernels().vecmat_f32(n, k, x, b, bRow ?? 4 * n, y);
  }
}

/**
 * The same product on several threads: `width` columns of B at a time, panels packed by all, then rows of
 * C by all. The sum for an element is the same whoever computes it: its order depends on k alone.
 */
function shareOut(
  { type, form, m, n, k, a, b, c, accumulate, aRow, bRow, cRow }: Required<Product>,
  width: number,
  workspace: Address,
  { team, build }: { readonly team: Team; readonly build: number },
): void {
  const size = type === "f32" ? 4 : 8;
  const panel = 32 / size;
  const { [`pack_${type}` as const]: pack, [`sweep_${type}` as const]: sweep } = kernels();
  for (let j = 0; j < n; j += width) {
    const count = Math.min(width, n - j), panels = Math.ceil(count / panel);
    const from = b + j * (form === "NT" ? bRow : size);
    const share = Math.ceil(panels / (4 * team.threads()));
    const packing = [count, k, from, bRow, form === "NT" ? 1 : 0, workspace];
    team.share(build, `pack_${type}`, pack, panels, share, packing);
    const to = c + j * size;
    const sweeping = [count, k, a, aRow, form === "TN" ? 1 : 0, workspace, to, cRow];
    team.share(build, `sweep_${type}`, sweep, m, CHUNK, [...sweeping, accumulate ? 1 : 0]);
  }
}
