import { type Command, command } from "./command.ts";
import { exitCode } from "./errors.ts";
import { digits, makeModel } from "./digits.ts";
import { checkWritable, fileAddress } from "./files.ts";
import { number, text, toggle } from "./flags.ts";
import { dataFlag, loadData } from "./sources.ts";
import { countParameters, describe } from "../nn/mod.ts";
import { info } from "../kernels/mod.ts";
import { formatNumber, formatPercent } from "../report/mod.ts";
import { saveTrained, trainOnTerminal } from "./training.ts";

/** `odot train`: a bilinear network of any size, on MNIST or IDX files of your own. */
export const train: Command = command({
  name: "train",
  summary: "train a network and save it",
  usage: "[--data mnist|DIR] [--out FILE]",
  details:
    "Trains a network with one bilinear layer with AdamW and a cosine schedule, measures it on the test\n" +
    "data after every epoch, and saves it as safetensors. Ctrl-C saves what there is and stops.",
  examples: [
    "train --hidden 64 --epochs 5 --out small.safetensors",
    "train --data ./fashion --embed 256 --hidden 256 --weight-decay 1 --seed 3",
  ],
  flags: {
    data: dataFlag,
    hidden: number("products in the bilinear layer", {
      initial: digits.hidden,
      least: 1,
      whole: true,
    }),
    embed: number("width of a linear layer before it; none unless given", {
      initial: undefined,
      least: 1,
      whole: true,
    }),
    bias: toggle("give every layer a bias"),
    epochs: number("passes over the data", { initial: digits.epochs, least: 1, whole: true }),
    batch: number("rows a step", { initial: digits.batchSize, least: 1, whole: true }),
    "learning-rate": number("of AdamW at the start", { initial: digits.learningRate, least: 0 }),
    "weight-decay": number("of AdamW", { initial: digits.weightDecay, least: 0 }),
    noise: number("standard deviation of noise added to inputs of 0 to 1", {
      initial: digits.noise,
      least: 0,
    }),
    seed: number("of weights, order and noise", { initial: 0, least: 0, whole: true }),
    out: text("file to write", { placeholder: "FILE", initial: "model.safetensors", letter: "o" }),
  },
  run: async ({ flags }, terminal) => {
    await checkWritable(flags.out);
    const found = await loadData(flags.data);
    const model = makeModel({
      inputs: found.training.features,
      embed: flags.embed,
      hidden: flags.hidden,
      outputs: found.training.classes,
      bias: flags.bias,
    }, flags.seed);
    terminal.say(
      `Training ${describe(model.config)} (${
        formatNumber(countParameters(model.config.layers))
      } parameters) on ${
        formatNumber(found.training.count)
      } rows of ${flags.data}; seed ${flags.seed}, ${info().kernels} kernels.`,
    );
    const settings = {
      data: flags.data,
      seed: flags.seed,
      epochs: flags.epochs,
      batchSize: flags.batch,
      learningRate: flags["learning-rate"],
      weightDecay: flags["weight-decay"],
      noise: flags.noise,
    };
    const result = await trainOnTerminal(model, found, settings, terminal);
    const file = await saveTrained(model, result, flags.out, terminal);
    if (result.interruptedAt) return exitCode.interrupted;
    const last = result.events.at(-1)!;
    terminal.say(
      `Test accuracy ${formatPercent(last.accuracy, 2)} after ${
        result.seconds.toFixed(1)
      } s. Saved ${fileAddress(file)}`,
    );
    terminal.emit({
      type: "result",
      model: file,
      accuracy: last.accuracy,
      loss: last.validationLoss,
      parameters: countParameters(model.config.layers),
      seed: flags.seed,
      kernels: info().kernels,
      seconds: result.seconds,
    });
    return exitCode.done;
  },
});
