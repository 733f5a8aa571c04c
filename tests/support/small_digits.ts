// Writes a folder that looks like MNIST, small and quickly learned.
import { writeIdx } from "../../src/data/mod.ts";

const SIDE = 28, CLASSES = 10;

/** Whole numbers from 0 to 255, always the same ones. */
function bytesFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

/** Images of ten fixed patterns under noise, and their labels. */
function digits(count: number, seed: number): { images: Uint8Array; labels: Uint8Array } {
  const pattern = bytesFrom(99), noise = bytesFrom(seed), pixels = SIDE * SIDE;
  const patterns = Array.from(
    { length: CLASSES },
    () => Uint8Array.from({ length: pixels }, () => pattern() > 200 ? 200 : 0),
  );
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES);
  const images = new Uint8Array(count * pixels);
  labels.forEach((label, i) => {
    for (let p = 0; p < pixels; p++) {
      images[i * pixels + p] = Math.min(255, patterns[label]![p]! + (noise() >> 2));
    }
  });
  return { images, labels };
}

/** Writes the four IDX files of MNIST, with 200 training and 50 test images. */
export async function writeSmallDigits(folder: string): Promise<void> {
  for (const [name, count, seed] of [["train", 200, 1], ["t10k", 50, 2]] as const) {
    const { images, labels } = digits(count, seed);
    await Deno.writeFile(
      `${folder}/${name}-images-idx3-ubyte`,
      writeIdx({ dtype: "u8", shape: [count, SIDE, SIDE], data: images }),
    );
    await Deno.writeFile(
      `${folder}/${name}-labels-idx1-ubyte`,
      writeIdx({ dtype: "u8", shape: [count], data: labels }),
    );
  }
}

/** Runs `body` with a temporary folder, removed afterwards. */
export async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** Removes a folder, also one that a process which was just killed is still writing to. */
async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      await Deno.remove(folder, { recursive: true });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Names of the files in a folder, hidden ones included, in order. */
export function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
