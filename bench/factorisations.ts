import { compare, quick } from "./measure.ts";
import { eigenpairs, eigh, svd } from "./ours.ts";
import { type Row, timesOf } from "./row.ts";
import { svdTask, symmetricTask } from "./tasks.ts";

// Half the f32 limit: two lanes of f64 instead of four. The counts are those of the textbook algorithms
// (Golub & Van Loan, Matrix Computations, 8.3 and 8.6), so a better algorithm raises the ratio too.

/** Eigenvalues and singular values in f64 against the textbook's operations at the limit. */
export async function* factorisations(): AsyncGenerator<Row> {
  for (const n of quick ? [64, 128, 256] : [64, 128, 256, 512, 784]) {
    const found = await compare([{ name: "eigh", ...eigh(symmetricTask(n)) }]);
    yield row(`eigh f64 n = ${n}`, 9 * n ** 3, found);
  }
  const [rows, columns] = quick ? [256, 64] : [784, 256];
  const task = svdTask(rows, columns), flops = 6 * rows * columns ** 2 + 20 * columns ** 3;
  const thin = await compare([{ name: "svd", ...svd(task) }]);
  yield row(`svd f64 ${rows}×${columns}`, flops, thin);
  const found = await compare([{ name: "eigenpairs", ...eigenpairs(10).job }]);
  yield row("top 10 eigenpairs of ten 784² forms", 10 * 9 * 784 ** 3, found);
}

function row(name: string, flops: number, found: Awaited<ReturnType<typeof compare>>): Row {
  const speed = flops / found.sides[0]!.best / 1e6,
    limit = found.limit.fused || found.limit.separate;
  return {
    name,
    ...timesOf(found),
    speed,
    ratio: 2 * speed / limit,
    to: `f64 limit ${(limit / 2).toFixed(1)}, textbook flops`,
  };
}
