import { compare } from "./measure.ts";
import { inference, training } from "./ours.ts";
import { secondThread, toLimit } from "./products.ts";
import { type Row, timesOf } from "./row.ts";
import { networkTask, stepFlops } from "./tasks.ts";

/** Whole training steps against the products in them at the limit: what everything else costs. */
export async function* trainingSteps(): AsyncGenerator<Row> {
  for (const [which, rows] of [["reference", 128], ["reference", 2048], ["toy", 512]] as const) {
    const task = networkTask(which, rows);
    const { run, end } = training(task);
    const found = await compare([{ name: "step", run: run! }]);
    const speed = stepFlops(task) / found.sides[0]!.best / 1e6;
    yield {
      name: `step, ${which}, batch ${rows}`,
      ...timesOf(found),
      speed,
      ...toLimit(speed, "fused", found.limit),
    };
    if (rows === 2048) {
      yield* secondThread(`step, batch ${rows}`, "two threads / one: step, batch 2048", run!);
    }
    end!();
  }
}

/** Predictions from array to array, against the products in them at the limit. */
export async function* predictions(): AsyncGenerator<Row> {
  for (const rows of [1, 256]) {
    const task = networkTask("reference", rows), { run, end } = inference(task);
    const found = await compare([{ name: "predict", run: run! }]);
    const flops = task.layers.reduce(
      (sum, { type, inputs, outputs }) =>
        sum + 2 * rows * inputs * outputs * (type === "bilinear" ? 2 : 1),
      0,
    );
    const speed = flops / found.sides[0]!.best / 1e6;
    yield {
      name: `predict, reference, batch ${rows}`,
      ...timesOf(found),
      speed,
      ...toLimit(speed, "fused", found.limit),
    };
    end!();
  }
}
