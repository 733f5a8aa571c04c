import { classNamesOf } from "./classes.ts";
import { type Command, command } from "./command.ts";
import { decomposeEigen } from "./decompose_eigen.ts";
import { checkFlags, decomposeFlags, needsData } from "./decompose_flags.ts";
import { decomposeWhole } from "./decompose_whole.ts";
import { UsageError } from "./errors.ts";
import { checkWritable } from "./files.ts";
import { checkMatch, loadData, loadModel } from "./sources.ts";

/** `odot decompose`: a model taken apart from its weights, and a smaller model made of the parts. */
export const decompose: Command = command({
  name: "decompose",
  summary:
    "take a model apart from its weights: eigenvalues, components; make a smaller model of them",
  usage: "MODEL [--method M] [--rank N] [--data DATA] [--out FILE] [--report FILE]",
  details:
    "Takes every output apart into eigenvectors (eigen), or the whole at once: into directions of outputs " +
    "(hosvd), of outputs and inputs (tucker, tt), neurons (cp), squares that all outputs share " +
    "(dictionary), forms of few eigenvectors (blocks), or the states of a deep network (odt). How much is " +
    "kept is a number, --rank, or a goal: --energy, --relative-error, --accuracy-drop, or --logit-error " +
    "with --radius. Everything comes from the weights; --data only measures.\n\n" +
    "With --out the smaller network is saved, which evaluate, explain and pack take like any other; " +
    "--report writes a page of spectra, components and errors.",
  examples: [
    "decompose digits.safetensors",
    "decompose digits.safetensors --output 3 --rank 5",
    "decompose digits.safetensors --accuracy",
    "decompose digits.safetensors --rank 20 --out small.safetensors",
    "decompose digits.safetensors --method cp --rank 50 --data mnist --out small.safetensors",
    "decompose digits.safetensors --method tucker --rank 10,32 --report tucker.html",
    "decompose deep.safetensors --method odt --energy 0.99 --plan",
  ],
  flags: decomposeFlags,
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    checkFlags(flags);
    if (flags.out !== undefined) await checkWritable(flags.out);
    if (flags.report !== undefined) {
      await checkWritable(flags.report, "choose another place with --report");
    }
    const { model, record } = await loadModel(path);
    const data = flags.data ?? (needsData(flags) ? "mnist" : undefined);
    if (data === undefined && flags.label !== undefined) {
      throw new UsageError("--label names a column of --data FILE.csv, and there is no --data");
    }
    const test = data === undefined ? undefined : (await loadData(data, flags)).test;
    if (test) checkMatch(model, path, test);
    const names = classNamesOf(model, record, test);
    const classes = names ?? Array.from({ length: model.outputs }, (_, output) => String(output));
    const context = { path, model, flags, test, classes, terminal };
    return flags.method === "eigen"
      ? await decomposeEigen(context, names)
      : await decomposeWhole(flags.method, context);
  },
});
