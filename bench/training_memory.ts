/**
 * Trains the reference model for an epoch on as much data as MNIST has, alone in this process, and prints
 * the most memory it had. The rows are made up: their number counts here, not their contents.
 *
 *     deno run -A bench/training_memory.ts odot | tfjs
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { peakResident } from "./machine.ts";
import { training } from "./ours.ts";
import { open } from "./peers/peer.ts";
import { type Batch, networkTask } from "./tasks.ts";

const ROWS = 2048, COUNT = 60_000, FEATURES = 784;
const quick = Deno.args.includes("--quick");
const pixels = new Uint8Array(COUNT * FEATURES);
for (let i = 0, x = 1; i < pixels.length; i++) pixels[i] = x = x * 137 + 29 & 255;

const inputs = new Float32Array(ROWS * FEATURES), labels = new Int32Array(ROWS);

/** The rows of a step, in the same arrays every time: garbage of the bench's own would count as memory. */
function batch(step: number): Batch {
  const start = (step * ROWS) % (COUNT - ROWS);
  for (let i = 0; i < inputs.length; i++) inputs[i] = pixels[start * FEATURES + i]! / 255;
  for (let i = 0; i < ROWS; i++) labels[i] = (start + i) % 10;
  return { inputs, labels };
}

const steps = quick ? 3 : Math.floor(COUNT / ROWS);
const task = { ...networkTask("reference", 1), rows: ROWS, batch };
const library = Deno.args[0];
const peer = library === "odot" ? { training } : await open(library ?? "");
const job = await peer?.training?.(task);
if (!job) throw new RangeError(`Cannot train with ${library}`);
for (let step = 0; step < steps; step++) await job.run!();
console.log(peakResident());
Deno.exit(0); // a peer's workers do not keep the process
