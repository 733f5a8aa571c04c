import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { FormatError } from "../../src/formats/mod.ts";
import { gzip } from "./gzip_files.ts";
import { readGoldenJson } from "../support/fixtures.ts";

/** An IDX file of `count` images, 3 high and 4 wide, whose pixels count up from `first`. */
const imageFile = (count: number, first = 0): Uint8Array =>
  data.writeIdx({
    dtype: "u8",
    shape: [count, 3, 4],
    data: Uint8Array.from({ length: 12 * count }, (_, i) => first + i),
  });

const labelFile = (...labels: number[]): Uint8Array =>
  data.writeIdx({ dtype: "u8", shape: [labels.length], data: Uint8Array.from(labels) });

const files = (): data.MnistFiles => ({
  trainingImages: imageFile(3),
  trainingLabels: labelFile(7, 0, 9),
  testImages: imageFile(2, 100),
  testLabels: labelFile(1, 1),
});

const NAMES = {
  trainingImages: "train-images-idx3-ubyte",
  trainingLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/** Runs `body` with a folder of the four files, which is removed afterwards. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "odot mnist " });
  try {
    const made = files();
    for (const key of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
      await Deno.writeFile(`${folder}/${NAMES[key]}`, made[key]);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function checkParts({ training, test }: { training: data.Dataset; test: data.Dataset }): void {
  assertEquals([training.name, test.name], ["MNIST training", "MNIST test"]);
  assertEquals([training.count, test.count, training.features, training.classes], [3, 2, 12, 10]);
  assertEquals([training.image, training.divisor], [{ width: 4, height: 3 }, 255]);
  assertEquals([[...training.labels], [...test.labels]], [[7, 0, 9], [1, 1]]);
  assertEquals(data.row(test, 1), Float32Array.from({ length: 12 }, (_, i) => (112 + i) / 255));
}

Deno.test("mnist() takes the bytes of its four files", async () => {
  checkParts(await data.mnist(files()));
});

Deno.test("mnist() reads a folder by path, with a slash at its end or without, and by URL", async () => {
  await withFolder(async (folder) => {
    checkParts(await data.mnist(folder));
    checkParts(await data.mnist(`${folder}/`));
    checkParts(await data.mnist(new URL(`file://${folder}`)));
    checkParts(await data.mnist(new URL(`file://${folder}/`)));
  });
});

Deno.test("mnist() reads files compressed with gzip: in a folder, as bytes, with or without .gz", async () => {
  await withFolder(async (folder) => {
    const packed = await gzip(imageFile(3));
    await Deno.writeFile(`${folder}/${NAMES.trainingImages}.gz`, packed);
    await Deno.remove(`${folder}/${NAMES.trainingImages}`);
    await Deno.writeFile(`${folder}/${NAMES.testLabels}`, await gzip(labelFile(1, 1)));
    checkParts(await data.mnist(folder));
    checkParts(await data.mnist({ ...files(), trainingImages: packed }));
    await Deno.writeFile(`${folder}/${NAMES.trainingImages}.gz`, packed.subarray(0, 30));
    await assertRejects(
      () => data.mnist(folder),
      FormatError,
      "Cannot decompress train-images-idx3-ubyte.gz",
    );
  });
});

Deno.test("mnist() takes its four files as bytes, paths and URLs", async () => {
  await withFolder(async (folder) => {
    const base64 = btoa(String.fromCharCode(...await gzip(imageFile(3))));
    checkParts(
      await data.mnist({
        trainingImages: `data:application/gzip;base64,${base64}`,
        trainingLabels: `${folder}/${NAMES.trainingLabels}`,
        testImages: new URL(`file://${folder}/${NAMES.testImages}`),
        testLabels: labelFile(1, 1),
      }),
    );
  });
});

Deno.test("mnist() reads a folder of a server, where files are missing with status 404 only", async () => {
  const made = files(), packed = await gzip(made.testImages);
  let broken = false;
  const server = Deno.serve({ port: 0, onListen: () => {} }, ({ url }) => {
    if (broken) return new Response("no", { status: 500 });
    const name = url.replace(/^.*\//, "");
    if (name === `${NAMES.testImages}.gz`) return new Response(packed);
    const key = Object.entries(NAMES).find(([, other]) => other === name)?.[0];
    if (!key || key === "testImages") return new Response("none", { status: 404 });
    return new Response(made[key as keyof data.MnistFiles] as Uint8Array<ArrayBuffer>);
  });
  try {
    const folder = `http://localhost:${server.addr.port}/mnist`;
    checkParts(await data.mnist(folder));
    checkParts(await data.mnist(new URL(`${folder}/`)));
    broken = true;
    await assertRejects(() => data.mnist(folder), Error, "the server answers 500");
  } finally {
    await server.shutdown();
  }
});

Deno.test("mnist() names the path of a file that is missing", async () => {
  await withFolder(async (folder) => {
    for (const name of Object.values(NAMES).toReversed()) {
      await Deno.remove(`${folder}/${name}`);
      await assertRejects(
        () => data.mnist(folder),
        Error,
        `Cannot read ${folder}/${name}: there is no such file, nor ${name}.gz`,
      );
    }
  });
});

Deno.test("mnist() names the file that is damaged", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/${NAMES.testLabels}`, labelFile(1, 1).subarray(0, 9));
    await assertRejects(
      () => data.mnist(folder),
      FormatError,
      "Cannot read t10k-labels-idx1-ubyte",
    );
  });
});

async function sha256(pixels: ArrayLike<number>, images: number): Promise<string> {
  const bytes = Uint8Array.from({ length: 784 * images }, (_, i) => pixels[i]!);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

Deno.test("mnist() brings the real digits without a source", async () => {
  const { training, test } = await data.mnist();
  assertEquals([training.count, test.count, training.features], [60_000, 10_000, 784]);
  const { train64 } = readGoldenJson<{ train64: { labels: number[] } }>("mnist/meta.json");
  assertEquals([...training.labels.subarray(0, 64)], train64.labels);
  // SHA-256 of the pixels that the reference results were computed from
  assertEquals(
    [await sha256(training.inputs, 64), await sha256(test.inputs, 16)],
    [
      "8d39e44e6338012421c8a1764cc4a2b80bd566daa4108bd7208810118debdb12",
      "9424743f810dfce42e848da9da58136bb1ab7c0fad7b6d386d9ff257f1e46c2d",
    ],
  );
});

Deno.test("images() refuses files that are no images or no labels, or do not belong together", () => {
  const wrong: [Uint8Array, Uint8Array, string][] = [
    [imageFile(3), labelFile(1, 2), "Cannot join pictures and names: 3 images and 2 labels"],
    [
      labelFile(1, 2),
      labelFile(1, 2),
      "Cannot use pictures as images: it holds u8[2], and images are u8[count, height, width]",
    ],
    [
      data.writeIdx({ dtype: "f32", shape: [1, 1, 1], data: Float32Array.of(1) }),
      labelFile(1),
      "Cannot use pictures as images: it holds f32[1, 1, 1]",
    ],
    [
      imageFile(1),
      imageFile(1),
      "Cannot use names as labels: it holds u8[1, 3, 4], and labels are u8[count]",
    ],
    [
      imageFile(1),
      data.writeIdx({ dtype: "i32", shape: [1], data: Int32Array.of(1) }),
      "Cannot use names as labels: it holds i32[1]",
    ],
    [imageFile(1).subarray(0, 20), labelFile(1), "Cannot read pictures"],
    [imageFile(1), new Uint8Array(), "Cannot read names"],
    [imageFile(2), labelFile(1, 10), "label 1 is 10, but the classes are 0 to 9"],
    [imageFile(0), labelFile(), "it is empty"],
  ];
  for (const [pictures, names, message] of wrong) {
    const error = assertThrows(
      () => data.images("test", pictures, names, ["pictures", "names"]),
      FormatError,
      message,
    );
    assert(error.message.length < 300);
  }
});

Deno.test("readBytes() reads paths, file URLs and data URLs", async () => {
  await withFolder(async (folder) => {
    const expected = labelFile(1, 1), path = `${folder}/${NAMES.testLabels}`;
    assertEquals(await data.readBytes(path), expected);
    const url = new URL(`file://${path}`); // the folder has a blank in its name
    assertEquals(await data.readBytes(url), expected);
    assertEquals(await data.readBytes(url.href), expected);
    assertEquals(await data.readBytes("data:;base64,AQID"), Uint8Array.of(1, 2, 3));
    await assertRejects(() => data.readBytes(`${path}x`), Error, `Cannot read ${path}x`);
  });
});
