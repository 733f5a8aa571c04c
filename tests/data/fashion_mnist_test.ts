import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import * as data from "../../src/data/mod.ts";
import { FormatError } from "../../src/formats/mod.ts";
import { gzip } from "./gzip_files.ts";

type Rows = unknown[];

/** A picture whose first pixel says which one of its class it is, the second its class. */
const picture = (label: number, index: number): number[] => [index, label, ...Array(782).fill(255)];

const classOf = (label: number, count: number): Rows =>
  Array.from({ length: count }, (_, i) => picture(label, i));

const json = (rows: unknown): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ data: rows }));

/** Runs `body` with a folder of ten classes of seven pictures, some of which are changed. */
async function withFolder(
  changes: Record<string, Uint8Array | undefined>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "odot fashion " });
  try {
    const files: Record<string, Uint8Array | undefined> = {};
    for (let label = 0; label < 10; label++) files[`${label}.json`] = json(classOf(label, 7));
    for (const [name, bytes] of Object.entries({ ...files, ...changes })) {
      if (bytes) await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Class and number of every picture. */
const identities = ({ inputs, labels, count }: data.Dataset): string[] =>
  Array.from({ length: count }, (_, i) => {
    assertEquals(inputs[784 * i + 1], labels[i]);
    return `${labels[i]}/${inputs[784 * i]}`;
  });

Deno.test("fashionMnist() splits every class by the same share, every picture on one side", async () => {
  await withFolder({}, async (folder) => {
    const { training, test, notes } = await data.fashionMnist(folder, { seed: 5 });
    assertEquals([training.count, test.count, training.classes], [60, 10, 10]);
    assertEquals([training.divisor, training.image], [255, { width: 28, height: 28 }]);
    assertEquals([training.classNames?.length, test.classNames?.[9]], [10, "ankle boot"]);
    assertEquals([...test.labels].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const all = [...identities(training), ...identities(test)];
    assertEquals(new Set(all).size, 70);
    assertEquals(notes.length, 1);
    assertMatch(notes[0]!, /split is our own, from seed 5/);
    const again = await data.fashionMnist(new URL(`file://${folder}/`), { seed: 5 });
    assertEquals(identities(again.test), identities(test));
    assertEquals(identities(again.training), identities(training));
    const other = await data.fashionMnist(folder, { seed: 6 });
    assertNotEquals(identities(other.test).sort(), identities(test).sort());
    const third = await data.fashionMnist(folder, { testShare: 3 / 7 });
    assertEquals([third.training.count, third.test.count], [40, 30]);
  });
});

Deno.test("fashionMnist() drops rows without pixels and says so", async () => {
  const rows = classOf(3, 7);
  rows.splice(2, 0, []);
  await withFolder({ "3.json": json([...rows, []]) }, async (folder) => {
    const { training, test, notes } = await data.fashionMnist(folder);
    assertEquals(training.count + test.count, 70);
    assertEquals(notes[0], "Dropped from class 3 (dress), without pixels: rows 2 and 8.");
  });
});

Deno.test("fashionMnist() reads files compressed with gzip", async () => {
  const packed = await gzip(json(classOf(4, 7)));
  await withFolder({ "4.json": undefined, "4.json.gz": packed }, async (folder) => {
    assertEquals((await data.fashionMnist(folder)).training.count, 60);
  });
});

Deno.test("fashionMnist() keeps the split of the authors' files", async () => {
  const pictures = (count: number): Promise<Uint8Array> =>
    gzip(data.writeIdx({
      dtype: "u8",
      shape: [count, 28, 28],
      data: new Uint8Array(784 * count),
    }));
  const labels = (...values: number[]): Promise<Uint8Array> =>
    gzip(data.writeIdx({ dtype: "u8", shape: [values.length], data: Uint8Array.from(values) }));
  const files = {
    "train-images-idx3-ubyte.gz": await pictures(3),
    "train-labels-idx1-ubyte.gz": await labels(9, 0, 1),
    "t10k-images-idx3-ubyte.gz": await pictures(2),
    "t10k-labels-idx1-ubyte.gz": await labels(4, 4),
  };
  await withFolder(files, async (folder) => {
    const { training, test, notes } = await data.fashionMnist(folder);
    assertEquals([[...training.labels], [...test.labels]], [[9, 0, 1], [4, 4]]);
    assertEquals([training.name, test.name], ["Fashion-MNIST training", "Fashion-MNIST test"]);
    assertEquals(training.classNames?.[9], "ankle boot");
    assertEquals(notes, ["The split is that of the authors of Fashion-MNIST."]);
  });
});

Deno.test("fashionMnist() names the file that is damaged or missing", async () => {
  const wrong: [Uint8Array | undefined, string][] = [
    [undefined, "7.json: there is no such file, nor 7.json.gz"],
    [new TextEncoder().encode('{"data": [[1, 2'), "Cannot read 7.json: it is no JSON in UTF-8"],
    [Uint8Array.of(0xff, 0xfe), "Cannot read 7.json: it is no JSON in UTF-8"],
    [new TextEncoder().encode("null"), 'Cannot read 7.json: it must be {"data":'],
    [json({}), 'Cannot read 7.json: it must be {"data":'],
    [json([picture(7, 0), [1, 2, 3]]), "Cannot read 7.json: image 1 is 3 numbers"],
    [json(["pixels"]), "Cannot read 7.json: image 0 is no row"],
    [json([[...picture(7, 0).slice(0, 783), 256]]), "pixel 783 of image 0 is no whole number"],
    [json([[0.5, ...picture(7, 0).slice(1)]]), "pixel 0 of image 0 is no whole number"],
    [json([[-1, ...picture(7, 0).slice(1)]]), "pixel 0 of image 0 is no whole number"],
    [json([[null, ...picture(7, 0).slice(1)]]), "pixel 0 of image 0 is no whole number"],
    [json([["1", ...picture(7, 0).slice(1)]]), "pixel 0 of image 0 is no whole number"],
  ];
  for (const [bytes, message] of wrong) {
    await withFolder({ "7.json": bytes }, async (folder) => {
      await assertRejects(
        () => data.fashionMnist(folder),
        bytes ? FormatError : Error,
        message,
      );
    });
  }
});

Deno.test("fashionMnist() brings the real pictures without a source", async () => {
  const { training, test, notes } = await data.fashionMnist();
  assertEquals([training.count, test.count, training.features], [60_000, 10_000, 784]);
  for (const [part, each] of [[training, 6000], [test, 1000]] as const) {
    const counts = Array(10).fill(0);
    for (const label of part.labels) counts[label]++;
    assertEquals(counts, Array(10).fill(each));
  }
  assertEquals(notes[0], "Dropped from class 0 (T-shirt), without pixels: rows 1000 and 7001.");
});
