import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readSafetensors } from "../../src/io/mod.ts";
import { reportFacts, reportFooter } from "../../src/cli/facts.ts";
import { readRecord, type TrainingRecord } from "../../src/cli/record.ts";
import { runHere } from "../support/cli.ts";
import { withFolder } from "../support/small_digits.ts";

const record: TrainingRecord = {
  ...{ data: "mnist", seed: 3, epochs: 9, batchSize: 64, learningRate: 0.002, weightDecay: 0.5 },
  ...{ noise: 0.4, kernels: "fast", history: [] },
};
const config = {
  type: "sequential",
  layers: [
    { type: "bilinear", inputs: 784, outputs: 12, bias: false },
    { type: "linear", inputs: 12, outputs: 10, bias: false },
  ],
} as const;

Deno.test("reportFooter() says how far a training came that was cut off", () => {
  assertStringIncludes(reportFooter(record, config), "Trained on mnist for 9 epochs in batches");
  assertStringIncludes(reportFooter(record, config), "validation data are the test data");
  for (const [data, which] of [["0110", "training"], ["modular-addition:x", "test"]]) {
    const said = reportFooter({ ...record, data: data! }, config);
    assertStringIncludes(said, `validation data are the ${which} data`);
  }
  const stopped = { ...record, stopped: "epoch 3 of 9, after step 609 of 2106" };
  const text = reportFooter(stopped, config);
  assertStringIncludes(
    text,
    "Stopped in epoch 3 of 9, after step 609 of 2106, on mnist in batches",
  );
  assertEquals(text.includes("for 9 epochs"), false);
  assertEquals(reportFacts(stopped).at(-1)!.value, stopped.stopped);
});

Deno.test("reportFooter() lists every setting that is not what it is unless told", () => {
  const plain = reportFooter(record, config);
  for (const word of ["schedule", "clip", "smoothing", "gate", "embedding", "biases", "column"]) {
    assertEquals(plain.includes(word), false, word);
  }
  const special = reportFooter({
    ...record,
    ...{ optimizer: "muon", schedule: "one-cycle", clip: 2, smoothing: 0.1, label: "kind" },
  }, {
    type: "sequential",
    layers: [
      { type: "linear", inputs: 784, outputs: 20, bias: true },
      { type: "bilinear", inputs: 20, outputs: 12, bias: true, gate: "silu" },
      { type: "linear", inputs: 12, outputs: 10, bias: true },
    ],
  });
  for (
    const part of [
      ...["with Muon", "schedule one-cycle", "clipped at norm 2", "label smoothing 0.1"],
      ...["column kind", "an embedding of 20", "12 products", "gate silu", "biases", "seed 3"],
    ]
  ) assertStringIncludes(special, part);
});

Deno.test("odot train cut off by time says so in the file of the model", async () => {
  await withFolder(async (folder) => {
    const out = `${folder}/m.safetensors`;
    const args = ["train", "--task", "xor", "--epochs", "100000", "--seconds", "0.01"];
    assertEquals((await runHere([...args, "--out", out])).code, 0);
    const found = readRecord(readSafetensors(await Deno.readFile(out)).metadata);
    assertMatch(found!.stopped!, /^epoch \d+ of 100000, after step \d+ of 100000$/);
  });
});
