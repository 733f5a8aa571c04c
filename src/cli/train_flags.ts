import { choice, type Flag, number, text, toggle } from "./flags.ts";
import {
  type OptimizerName,
  optimizerNames,
  type ScheduleName,
  scheduleNames,
} from "./optimizers.ts";
import { DATA, dataFlags } from "./sources.ts";
import { taskNames } from "./tasks.ts";

/** Activations of the bilinear layer's left side. */
const gateNames = ["none", "relu", "gelu", "gelu-tanh", "silu", "sigmoid", "tanh"] as const;

type MaybeNumber = Flag<number | undefined>;
type MaybeText = Flag<string | undefined>;

/** A whole number ≥ 1 that suits the data unless given. */
function count(help: string): MaybeNumber {
  return number(help, { initial: undefined, least: 1, whole: true });
}

/** A number ≥ 0 that suits the data unless given. */
function amount(help: string): MaybeNumber {
  return number(help, { initial: undefined, least: 0 });
}

function file(help: string, letter?: string): MaybeText {
  return text(help, {
    ...{ placeholder: "FILE", initial: undefined, completion: "file" },
    ...(letter === undefined ? {} : { letter }),
  });
}

/** The flags of `odot train`. */
export const trainFlags: {
  readonly task: MaybeText;
  readonly data: MaybeText;
  readonly label: MaybeText;
  readonly hidden: MaybeNumber;
  readonly embed: MaybeNumber;
  readonly bias: Flag<boolean>;
  readonly gate: Flag<typeof gateNames[number]>;
  readonly optimizer: Flag<OptimizerName>;
  readonly schedule: Flag<ScheduleName>;
  readonly epochs: MaybeNumber;
  readonly batch: MaybeNumber;
  readonly "learning-rate": MaybeNumber;
  readonly "weight-decay": MaybeNumber;
  readonly clip: MaybeNumber;
  readonly noise: MaybeNumber;
  readonly smoothing: Flag<number>;
  readonly certify: Flag<number>;
  readonly seconds: MaybeNumber;
  readonly keep: Flag<"best" | "last">;
  readonly seed: Flag<number>;
  readonly checkpoint: MaybeText;
  readonly every: Flag<number>;
  readonly resume: Flag<boolean>;
  readonly history: MaybeText;
  readonly plan: Flag<boolean>;
  readonly out: Flag<string>;
} = {
  task: text("what to learn: a gate of two bits, modular-addition, mnist or fashion", {
    ...{ placeholder: "NAME", initial: undefined, words: taskNames },
  }),
  data: text("mnist unless given; or a folder with IDX files, or a CSV file", {
    ...{ placeholder: DATA, initial: undefined, completion: "file", words: taskNames },
  }),
  label: dataFlags.label,
  hidden: count("products in the bilinear layer"),
  embed: count("width of a linear layer before it; none unless given"),
  bias: toggle("give every layer a bias; gates and tables always have one"),
  gate: choice("activation of the bilinear layer's left side", {
    words: gateNames,
    initial: "none",
  }),
  optimizer: choice("what updates the weights", { words: optimizerNames, initial: "adamw" }),
  schedule: choice("learning rate over time", { words: scheduleNames, initial: "cosine" }),
  epochs: count("passes over the data"),
  batch: count("rows a step"),
  "learning-rate": amount("largest step size"),
  "weight-decay": amount("decay of the weights"),
  clip: number("largest norm of the gradients; none unless given", {
    ...{ initial: undefined, above: 0 },
  }),
  noise: amount("standard deviation of noise added to the inputs"),
  smoothing: number("label smoothing, 0 to 1", { initial: 0, least: 0, most: 1 }),
  certify: number(
    "weight of the mean lack of certified L2 radius below 1.5 in the loss, such as 1",
    {
      ...{ initial: 0, least: 0 },
    },
  ),
  seconds: amount("stop after so much time, save, and keep the checkpoint"),
  keep: choice("weights to save: of the epoch best on the test data, or the last", {
    words: ["best", "last"],
    initial: "last",
  }),
  seed: number("of weights, order and noise", { initial: 0, least: 0, whole: true }),
  checkpoint: file("where checkpoints go; NAME.checkpoint.safetensors beside --out unless given"),
  every: number("seconds between checkpoints; 0 for one after every step", {
    initial: 10,
    least: 0,
  }),
  resume: toggle("go on from the checkpoint, to the bit"),
  history: file("write the epochs, as CSV where the name ends so, else as JSON lines"),
  plan: toggle("say what training would take, and do not train"),
  out: text("file to write", {
    ...{ placeholder: "FILE", initial: "model.safetensors", letter: "o", completion: "file" },
  }),
};
