import { shareFrom } from "../src/kernels/matmul.ts";
import { configure } from "@odot/odot";
import type { Limit } from "./limit.ts";
import { compare, quick } from "./measure.ts";
import { bilinear, packedProduct, product, threads } from "./ours.ts";
import { type Row, timesOf } from "./row.ts";
import { productName, PRODUCTS, productTask } from "./tasks.ts";

const BUILDS = [["fast", "fused"], ["strict", "separate"]] as const;

function measureOf(build: "fast" | "strict", m: number, n: number, k: number): string | undefined {
  if (Math.min(m, n, k) >= 128) {
    return build === "fast"
      ? "matmul ≥ 128³, packing included / peak"
      : "strict build, matmul ≥ 128³ / peak";
  }
  return build === "fast" && m === 64 ? "matmul 64³ / peak" : undefined;
}

/** How close matrix products come to the multiply-adds that a core can do, in both builds. */
export async function* products(): AsyncGenerator<Row> {
  const shapes = quick ? PRODUCTS.filter(([, m]) => m <= 256) : PRODUCTS;
  // one build after the other: a change of build may compile anew
  for (const [kernels, limit] of BUILDS) {
    configure({ kernels });
    for (const [form, m, n, k] of shapes) {
      const { run, end } = product(productTask(form, m, n, k), "nothing");
      const found = await compare([{ name: kernels, run: run! }]);
      const speed = 2 * m * n * k / found.sides[0]!.best / 1e6;
      yield {
        name: `${kernels} ${productName({ form, m, n, k })}`,
        measure: measureOf(kernels, m, n, k),
        ...timesOf(found),
        speed,
        ...toLimit(speed, limit, found.limit),
      };
      end!();
    }
  }
  configure({ kernels: "fast" });
}

/** Products with weights that were packed beforehand, as those of a frozen network are. */
export async function* packedProducts(): AsyncGenerator<Row> {
  const shapes = [[128, 128, 128], [256, 256, 256], [128, 256, 784], [2048, 256, 784]] as const;
  for (const [m, n, k] of shapes.filter(([m]) => !quick || m <= 256)) {
    const { run, end } = packedProduct(productTask("NT", m, n, k));
    const found = await compare([{ name: "packed", run: run! }]);
    const speed = 2 * m * n * k / found.sides[0]!.best / 1e6;
    yield {
      name: `packed ${productName({ form: "NT", m, n, k })}`,
      measure: "matmul, weights packed once / peak",
      ...timesOf(found),
      speed,
      ...toLimit(speed, "fused", found.limit),
    };
    end!();
  }
}

/** The ratio of a speed to the limit loop of a build. */
export function toLimit(
  speed: number,
  limit: Limit,
  limits: Readonly<Record<Limit, number>>,
): Pick<Row, "ratio" | "to"> {
  // without relaxed SIMD there is one limit
  const bound = limits[limit] || limits.separate;
  return { ratio: speed / bound, to: `${limit} limit ${bound.toFixed(1)}` };
}

/** A single row through a layer, which the memory bounds, and what fusing a bilinear layer gains. */
export async function* layers(): AsyncGenerator<Row> {
  const task = productTask("NT", 1, 256, 784);
  const { run, end } = product(task, "nothing");
  const found = await compare([{ name: "matvec", run: run! }]);
  const speed = 2 * 784 * 256 / found.sides[0]!.best / 1e6;
  yield {
    name: "matvec 784×256",
    ...timesOf(found),
    speed,
    ...toLimit(speed, "fused", found.limit),
  };
  end!();
  for (const [rows, inputs] of [[128, 784], [128, 256], [2048, 256]] as const) {
    if (quick && rows > 128) continue;
    const { fused, separate } = bilinear(rows, inputs, 256);
    const both = await compare([{ name: "fused", run: fused! }, { name: "two", run: separate! }]);
    yield {
      name: `bilinear ${rows}×${inputs} → 256`,
      ...timesOf(both),
      speed: 4 * rows * inputs * 256 / both.sides[0]!.best / 1e6,
      ratio: both.sides[1]!.best / both.sides[0]!.best,
      to: "two products and ⊙",
    };
  }
}

/** What a second thread gains; no rows while there is none. */
export async function* twoThreads(): AsyncGenerator<Row> {
  for (const [form, m, n, k] of PRODUCTS.filter(([, ...sizes]) => Math.min(...sizes) >= 256)) {
    const { run, end } = product(productTask(form, m, n, k), "nothing");
    const measure = "two threads / one: matmul ≥ 512³";
    yield* secondThread(productName({ form, m, n, k }), measure, run!);
    end!();
  }
}

/** The row of one piece of work on two threads and on one; none while there is one thread only. */
export async function* secondThread(
  name: string,
  measure: string,
  run: () => unknown,
): AsyncGenerator<Row> {
  if (!await threads(2)) return;
  // the same team and memory for both, so that noise hits them alike
  const alone = (): unknown => {
    const before = shareFrom(Infinity);
    try {
      return run();
    } finally {
      shareFrom(before);
    }
  };
  const both = await compare([{ name, run }, { name: "one thread", run: alone }]);
  await threads(1);
  const [two, one] = both.sides.map(({ best }) => best) as [number, number];
  yield {
    name: `${name}, two threads`,
    measure,
    ...timesOf(both),
    ratio: one / two,
    to: "one thread",
  };
}
