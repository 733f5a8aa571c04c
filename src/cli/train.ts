import { info } from "../kernels/mod.ts";
import { countParameters, describe, type Model } from "../nn/mod.ts";
import { formatNumber, formatPercent } from "../report/mod.ts";
import { evaluate as measure } from "../train/mod.ts";
import { checkpointName } from "./checkpoints.ts";
import { type Command, command } from "./command.ts";
import { makeModel } from "./digits.ts";
import { exitCode, UsageError } from "./errors.ts";
import { checkWritable, fileAddress } from "./files.ts";
import type { Values } from "./flags.ts";
import { sayGate } from "./gate_reading.ts";
import { scaled } from "./optimizers.ts";
import { planTraining, sayPlan } from "./plan.ts";
import { loadData, type LoadedData } from "./sources.ts";
import { presets } from "./tasks.ts";
import type { Terminal } from "./terminal.ts";
import { trainFlags } from "./train_flags.ts";
import { trainOnTerminal } from "./training.ts";
import { measuredOn } from "./training_events.ts";
import type { TrainingSettings } from "./training_settings.ts";

type Given = Values<typeof trainFlags>;

/** `odot train`: a network with one bilinear or gated layer, on toy tasks, images or tables. */
export const train: Command = command({
  name: "train",
  summary: "train a network and save it",
  usage: "[--task NAME | --data DATA] [--out FILE]",
  details:
    "Trains a network with one bilinear layer, measures it on the test data after every epoch, and saves\n" +
    "it as safetensors. Tasks are made on the spot: a gate of two bits by its name or its outputs at 00, 01,\n" +
    "10, 11 (xor, x-and-not-y, 0110), which is then read from the weights, or modular-addition (modulo 23;\n" +
    "modular-addition:59 for another). Flags without a number in brackets suit the kind of data.\n\n" +
    "A checkpoint is written every --every seconds and after epochs, at most once a second then, and by\n" +
    "Ctrl-C. With --resume the same command goes on from it, and ends with the same bits as if it had never\n" +
    "stopped. It is removed once all epochs are done; other commands read the model in it.\n\n" +
    "With --json every line is an object: {type: step, epoch, step, steps, loss, learningRate} after a step,\n" +
    "{type: epoch, epoch, loss, trainingAccuracy, accuracy, validationLoss, learningRate, seconds,\n" +
    "rowsPerSecond} after an epoch, {type: stop, reason: time or aborted, epoch, step} and then {type:\n" +
    "interrupted, epoch, step, steps, checkpoint} where it ends early, {type: checkpointFailed, step,\n" +
    "message}, then {type: result, …}, and {type: gate, …} last where the task is one. Losses are in nats;\n" +
    "with --certify they include its part.",
  examples: [
    "train --task xor",
    "train --hidden 64 --epochs 5 --out small.safetensors",
    "train --data flowers.csv --label kind --keep best --history flowers.csv.jsonl",
    "train --task fashion --gate silu --optimizer muon --schedule one-cycle --seconds 60",
    "train --hidden 32 --epochs 5 --certify 1 --out robust.safetensors",
    "train --task mnist --hidden 512 --plan",
    "train --hidden 64 --epochs 5 --out small.safetensors --resume",
  ],
  flags: trainFlags,
  run: async ({ flags }, terminal) => {
    if (flags.task !== undefined && flags.data !== undefined) {
      throw new UsageError("--task and --data both name what to learn: give one of them");
    }
    const checkpoint = flags.checkpoint ?? checkpointName(flags.out);
    if (flags.certify > 0 && flags.gate !== "none") {
      throw new UsageError("--certify needs exact radii, which networks with a --gate do not have");
    }
    if (!flags.plan) {
      await checkWritable(flags.out);
      await checkWritable(checkpoint, "choose another place with --checkpoint");
      if (flags.history !== undefined) {
        await checkWritable(flags.history, "choose another place with --history");
      }
    }
    const data = flags.task ?? flags.data ?? "mnist";
    const found = await loadData(data, flags);
    const preset = presets[found.kind];
    using model = makeModel({
      inputs: found.training.features,
      embed: flags.embed,
      hidden: flags.hidden ?? preset.hidden,
      outputs: found.training.classes,
      bias: flags.bias || preset.bias,
      gate: flags.gate,
    }, flags.seed);
    const settings = settingsOf(data, flags, found);
    if (flags.plan) {
      const plan = planTraining(model, found.training, settings);
      sayPlan(plan, model, found.training, settings, terminal);
      terminal.emit({ type: "plan", ...plan });
      return exitCode.done;
    }
    const heading = `Training ${describe(model.config)} (${
      formatNumber(countParameters(model.config.layers))
    } parameters) on ${
      formatNumber(found.training.count)
    } rows of ${data}; seed ${flags.seed}, ${info().kernels} kernels.`;
    const saving = { ...flags, checkpoint, heading: [...found.notes, heading].join("\n") };
    const result = await trainOnTerminal(model, found, settings, saving, terminal);
    if (result.stopped === "interrupted") return exitCode.interrupted;
    sayResult(model, found, result.seconds, flags, terminal);
    if (found.kind === "gate") sayGate(model, terminal);
    return exitCode.done;
  },
});

/** Settings from flags, and from what suits the data and the optimizer where flags are silent. */
function settingsOf(data: string, flags: Given, { kind, training }: LoadedData): TrainingSettings {
  const { optimizer, clip, smoothing, certify } = flags, preset = presets[kind];
  const suited = scaled(optimizer, preset);
  return {
    ...{ data, seed: flags.seed },
    epochs: flags.epochs ?? preset.epochs,
    batchSize: flags.batch ?? preset.batchSize,
    learningRate: flags["learning-rate"] ?? suited.learningRate,
    weightDecay: flags["weight-decay"] ?? suited.weightDecay,
    noise: flags.noise ?? preset.noise,
    ...{ optimizer, schedule: flags.schedule, keep: flags.keep },
    ...(clip === undefined ? {} : { clip }),
    ...(smoothing === 0 ? {} : { smoothing }),
    ...(certify === 0 ? {} : { certify }),
    ...(flags.label === undefined ? {} : { label: flags.label }),
    ...(training.classNames ? { classNames: training.classNames } : {}),
  };
}

/** Measures what was saved, which with --keep best is not what the last epoch gave. */
function sayResult(
  model: Model,
  { training, test }: LoadedData,
  seconds: number,
  { out, seed }: Given,
  terminal: Terminal,
): void {
  const { accuracy, loss } = measure(model, test), rows = measuredOn(training, test);
  const what = rows === "test" ? "Test accuracy" : `Accuracy on ${rows}`;
  terminal.say(
    `${what} ${formatPercent(accuracy, 2)} after ${seconds.toFixed(1)} s. Saved ${
      fileAddress(out)
    }`,
  );
  terminal.emit({
    ...{ type: "result", model: out, accuracy, loss },
    parameters: countParameters(model.config.layers),
    ...{ seed, kernels: info().kernels, seconds },
  });
}
