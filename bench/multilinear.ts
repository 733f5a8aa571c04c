/**
 * Decompositions of a dense tensor [10, 256, 256] beside the same algorithms in plain NumPy, as tensorly
 * writes them, on the same numbers with the same sweeps; one thread each. Results must agree.
 *
 *     deno run -A bench/multilinear.ts [--quick]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { cp, denseTensor, hosvd, tucker } from "@odot/odot/multilinear";
import { random } from "@odot/odot";
import { compare } from "./measure.ts";
import { python } from "./peers/python.ts";
import { tableText } from "./table.ts";

const shape = [10, 256, 256];

/** Normal numbers of a stream. */
function normal(count: number, stream: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(random(0, stream).normal([count]).toArray());
}

// structure in noise, so that sweeps have something to find
const parts = shape.map((size, i) => ({ rows: size, columns: 8, data: normal(8 * size, i) }));
const noise = normal(10 * 256 * 256, 9);
const data = noise.map((value, at) => {
  const [i, j, k] = [Math.floor(at / 65536), Math.floor(at / 256) % 256, at % 256];
  let sum = value;
  for (let r = 0; r < 8; r++) {
    sum += parts[0]!.data[8 * i + r]! * parts[1]!.data[8 * j + r]! * parts[2]!.data[8 * k + r]!;
  }
  return sum;
});
const x = denseTensor(shape, data);

const numpy = await python("numpy", 1);
const tensor = numpy.file(data);
console.log(`numpy ${numpy.version}`);
const rows = [];
for (const rank of [10, 25]) {
  for (const sweeps of [10, 50]) {
    const start = shape.map((size, i) => ({
      ...{ rows: size, columns: rank, data: normal(size * rank, 20 + i) },
    }));
    const run = (): number => {
      return cp(x, { rank, start, sweeps, tolerance: 0, lineSearch: false }).trace.at(-1)!;
    };
    const files = start.map((factor) => numpy.file(factor.data));
    const job = await numpy.job("cp", { shape, rank, sweeps, tensor, start: files });
    rows.push(await row(`CP, rank ${rank}, ${sweeps} sweeps`, run, job));
  }
}
for (const ranks of [[8, 8, 8], [10, 16, 16], [10, 32, 32]]) {
  for (const sweeps of [1, 10]) {
    const run = (): number => {
      const { factors: start } = hosvd(x, { rank: ranks });
      return tucker(x, { rank: ranks, start, sweeps, tolerance: 0 }).trace.at(-1)!;
    };
    const job = await numpy.job("tucker", { shape, ranks, sweeps, tensor });
    rows.push(await row(`HOOI, ranks ${ranks}, ${sweeps} sweeps`, run, job));
  }
}
console.log(tableText(rows));
numpy.end();

async function row(
  name: string,
  run: () => number,
  job: Awaited<ReturnType<typeof numpy.job>>,
): Promise<Record<string, string>> {
  const theirs = (await job.result()).at(-1)!, ours = run();
  const { sides } = await compare([{ name: "odot", run }, { name: "numpy", ...job }]);
  const [odot, peer] = sides.map(({ best }) => best) as [number, number];
  await job.end?.();
  return {
    "": name,
    "odot, ms": odot.toPrecision(3),
    "numpy, ms": peer.toPrecision(3),
    "time over numpy's": (odot / peer).toFixed(2),
    "errors differ by": Math.abs(ours - theirs).toExponential(1),
  };
}
