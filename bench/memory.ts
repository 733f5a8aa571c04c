import { quick } from "./measure.ts";
import type { Row } from "./row.ts";

/** Pixels of MNIST's training images, bytes: the data that every run holds. */
const PIXELS = 60_000 * 784;

/** Peak memory of a training run in a process of its own, bytes; `undefined` where it cannot be told. */
export async function trainingMemory(library: string): Promise<number | undefined> {
  const script = new URL("training_memory.ts", import.meta.url).href;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script, library, ...(quick ? ["--quick"] : [])],
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return success && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}

/** How much memory training takes, beside the bytes of its data. */
export async function* memory(): AsyncGenerator<Row> {
  const bytes = await trainingMemory("odot");
  if (bytes === undefined) return;
  yield {
    name: `peak memory of training, ${(bytes / 2 ** 20).toFixed(0)} MiB`,
    ratio: bytes / PIXELS,
    to: "60,000 images of 784 bytes",
  };
}
