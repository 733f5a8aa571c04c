import { assert, assertEquals, assertThrows } from "@std/assert";
import { FormatError, readSafetensors, writeSafetensors } from "../../src/formats/mod.ts";
import * as io from "../../src/io/mod.ts";
import * as train from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { withBuild } from "../support/builds.ts";
import {
  begin,
  everything,
  type Gate,
  optimizers,
  options,
  rows,
  type Run,
  schedules,
} from "./support.ts";

type Choice = Parameters<typeof begin>[0];

/** Events without the times, which no two runs share. */
function timeless(event: train.StepEvent | train.EpochEvent | train.StopEvent): unknown {
  return event.type === "epoch" ? { ...event, seconds: 0, rowsPerSecond: 0 } : event;
}

/** Trains without a stop, and once from a checkpoint of every event on: all must end alike. */
function resumeEverywhere(choice: Choice): void {
  const whole = begin(choice), checkpoints: Uint8Array[] = [], events: unknown[] = [];
  for (const event of train.steps(whole.model, rows, options(whole))) {
    checkpoints.push(train.checkpoint({ ...whole, position: event.position }));
    events.push(timeless(event));
  }
  assertEquals(checkpoints.length, 15); // 12 steps and 3 epochs
  const expected = everything(whole);
  checkpoints.forEach((bytes, i) => {
    const resumed = begin({ ...choice, seed: 99 });
    const from = train.restore(bytes, resumed);
    const rest = [...train.steps(resumed.model, rows, options(resumed, from))].map(timeless);
    assertEquals(everything(resumed), expected, `resumed after event ${i}`);
    assertEquals(rest, events.slice(i + 1), `events after event ${i}`);
    resumed.free();
  });
  whole.free();
}

for (const optimizer of Object.keys(optimizers)) {
  leakChecked(`restore() goes on to the bit from every step with ${optimizer}`, () => {
    for (const schedule of Object.keys(schedules)) resumeEverywhere({ optimizer, schedule });
  });
}

leakChecked("restore() goes on to the bit from every step with every gate and build", () => {
  for (const gate of ["none", "relu", "gelu", "gelu-tanh", "silu", "sigmoid"] as Gate[]) {
    for (const build of ["strict", "fast"] as const) {
      withBuild(build, () => resumeEverywhere({ gate, schedule: "cosine" }));
    }
  }
});

/** A checkpoint of step 5 of a small training. */
function someCheckpoint(choice: Choice = {}, settings?: Record<string, unknown>): Uint8Array {
  const run = begin(choice);
  for (const event of train.steps(run.model, rows, options(run))) {
    if (event.type !== "step" || event.step < 5) continue;
    const bytes = train.checkpoint({
      ...run,
      position: event.position,
      ...(settings ? { settings } : {}),
    });
    run.free();
    return bytes;
  }
  throw new Error("no step 5");
}

/** Fails unless restore() refuses bytes, names what is said, and leaves the run as it was. */
function assertRefused(
  bytes: Uint8Array,
  said: string | undefined,
  run: Run,
  settings?: Record<string, unknown>,
): void {
  const before = everything(run);
  const error = assertThrows(
    () => train.restore(bytes, { ...run, ...(settings ? { settings } : {}) }, { name: "c" }),
    FormatError,
    said,
  );
  assert(error.message.includes("c"), error.message);
  assertEquals(everything(run), before);
}

leakChecked("restore() refuses a checkpoint that is cut off anywhere, and changes nothing", () => {
  const bytes = someCheckpoint(), run = begin({ seed: 2 });
  for (let length = 0; length < bytes.length; length += 97) {
    assertRefused(bytes.subarray(0, length), undefined, run);
  }
  assertRefused(bytes.subarray(0, bytes.length - 1), undefined, run);
  run.free();
});

leakChecked(
  "restore() refuses another model, optimizer, schedule or settings, and says which",
  () => {
    const bytes = someCheckpoint({ schedule: "cosine" }, { batchSize: 8, data: "a" });
    const own = { batchSize: 8, data: "a" };
    const refused = (
      choice: Choice,
      said: string,
      settings: Record<string, unknown> = own,
    ): void => {
      const run = begin(choice);
      assertRefused(bytes, said, run, settings);
      run.free();
    };
    refused({ schedule: "cosine", hidden: 5 }, "model.layers.0.outputs was 4 and is now 5");
    refused({ schedule: "cosine", gate: "silu" }, 'layers.0.gate was absent and is now "silu"');
    refused(
      { schedule: "cosine", optimizer: "sgd" },
      'optimizer.type was "adamw" and is now "sgd"',
    );
    refused({ schedule: "none" }, "and is now null");
    refused({ schedule: "oneCycle" }, 'schedule.type was "cosine" and is now "oneCycle"');
    refused({ schedule: "cosine" }, 'settings.data was "a" and is now "b"', { ...own, data: "b" });
    refused({ schedule: "cosine" }, "settings.noise was absent and is now 1", { ...own, noise: 1 });
    refused({ schedule: "cosine" }, "settings.batchSize was 8 and is now absent", { data: "a" });
  },
);

/** The same file with changed metadata and tensors. */
function changed(
  bytes: Uint8Array,
  change: (
    metadata: Record<string, string>,
    tensors: ReturnType<typeof readSafetensors>["tensors"],
  ) => void,
): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes);
  const copies = [{ ...metadata }, { ...tensors }] as const;
  change(...copies);
  return writeSafetensors(copies[1], copies[0]);
}

leakChecked("restore() refuses what is no checkpoint, and one that is damaged inside", () => {
  const bytes = someCheckpoint(), run = begin({ seed: 2 });
  assertRefused(io.save(run.model), "it is no checkpoint; a model alone has no optimizer", run);
  assertRefused(new TextEncoder().encode("no safetensors at all, but text"), undefined, run);
  assertRefused(
    changed(bytes, (metadata) => metadata["odot.checkpoint"] = "2"),
    "version 2 of the format, and this odot reads 1",
    run,
  );
  const state = JSON.parse(readSafetensors(bytes).metadata["odot.state"]!);
  const { position, counters } = state;
  const damaged = [
    ...["", "null", "{}", "[]", "7", '{"position":null}'],
    ...[null, "5", -1, 0.5, 1e300].map((steps) => ({ ...state, counters: { ...counters, steps } })),
    { ...state, counters: { ...counters, learningRate: null } },
    { ...state, counters: undefined },
    ...[0, null, -3].map((epoch) => ({ ...state, position: { ...position, epoch } })),
    { ...state, position: { ...position, lossSum: null } },
    { ...state, position: { ...position, random: { seed: 7, stream: 1 } } },
    { ...state, bestScore: "1" },
  ];
  for (const value of damaged) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    assertRefused(
      changed(bytes, (metadata) => metadata["odot.state"] = text),
      "its training state is damaged",
      run,
    );
  }
  const { tensors } = readSafetensors(bytes);
  for (const name of Object.keys(tensors)) {
    assertRefused(changed(bytes, (_, all) => delete all[name]), "is missing", run);
    const nan = new Float32Array(tensors[name]!.data.length).fill(NaN);
    const { shape } = tensors[name]!;
    assertRefused(
      changed(bytes, (_, all) => all[name] = { dtype: "F32", shape, data: nan }),
      "NaN",
      run,
    );
    assertRefused(
      changed(
        bytes,
        (_, all) => all[name] = { dtype: "F32", shape: [1], data: Float32Array.of(1) },
      ),
      undefined,
      run,
    );
  }
  const one = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
  for (const extra of ["2.weight", "optimizer/2.weight.first"]) {
    assertRefused(changed(bytes, (_, all) => all[extra] = one), extra.slice(-8), run);
  }
  run.free();
});

leakChecked("restore() leaves even a model that diverged as it was", () => {
  const bytes = changed(someCheckpoint(), (_, all) => delete all["optimizer/0.weight.first"]);
  const run = begin();
  run.model.parameters.get("0.weight")!.set(new Float32Array(16).fill(NaN));
  assertRefused(bytes, '"0.weight.first" is missing', run);
  run.free();
});

leakChecked("steps() refuses a position of another seed, batch size or dataset", () => {
  const run = begin({ seed: 2 });
  const from = train.restore(someCheckpoint(), run);
  const go = (other: Partial<train.FitOptions>, source = rows): unknown =>
    train.steps(run.model, source, { ...options(run, from), ...other }).next();
  assertThrows(() => go({ seed: 8 }), RangeError, "training began with seed 7");
  assertThrows(() => go({ batchSize: 16 }), RangeError, "use the same data and batchSize");
  assertThrows(() => go({}, { ...rows, count: 16 }), RangeError, "an epoch has 2 steps");
  run.free();
});

leakChecked(
  "load() reads the model in a checkpoint, with the best weights beside it or not",
  () => {
    const run = begin({ optimizer: "muon" }), best = train.keepBest(run.model);
    const input = [0.3, -0.7];
    for (const event of train.fit(run.model, rows, options(run))) {
      if (event.epoch > 1) best.consider(event.accuracy);
      const bytes = train.checkpoint({ ...run, best, position: event.position });
      using model = io.load(bytes);
      assertEquals(model.predict(input), run.model.predict(input));
    }
    run.free();
  },
);

leakChecked("checkpoint() refuses weights that are not finite, and carries metadata", () => {
  const run = begin(), { model } = run;
  const { position } = train.steps(model, rows, options(run)).next().value!;
  const bytes = train.checkpoint({ ...run, position }, { note: "kept", "odot.checkpoint": "9" });
  const { metadata } = readSafetensors(bytes);
  assertEquals([metadata["note"], metadata["odot.checkpoint"]], ["kept", "1"]);
  for (const bad of [NaN, Infinity, -Infinity]) {
    model.parameters.get("1.bias")!.set([0, bad]);
    assertThrows(
      () => train.checkpoint({ ...run, position }),
      RangeError,
      `Cannot make a checkpoint at step 1: value 1 of "1.bias" is ${bad}`,
    );
  }
  run.free();
});
