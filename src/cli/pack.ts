import { resolve } from "node:path";
import { pack as packed, type Packed } from "../deploy/mod.ts";
import { formatNumber, formatPercent, formatSigned } from "../report/mod.ts";
import { classNamesOf } from "./classes.ts";
import { type Command, command } from "./command.ts";
import { exitCode, UsageError } from "./errors.ts";
import { checkWritable, fileAddress, writeWhole } from "./files.ts";
import { choice, number, text } from "./flags.ts";
import { checkMatch, dataFlags, loadData, loadModel } from "./sources.ts";
import type { Terminal } from "./terminal.ts";

/** `odot pack`: a small file for inference at the edge. */
export const pack: Command = command({
  name: "pack",
  summary: "make a small file of a model for the edge, with eigenvectors beside the weights",
  usage: "MODEL [--precision P] [--eigenvectors N] [--data DATA] [--out FILE]",
  details:
    "Stores the matrices of a model in 32, 16 or 8 bits, and the strongest eigenvectors of every output,\n" +
    "so that odot's ./edge can run and explain it in a Worker or a page. Says how far the weights moved;\n" +
    "with --data also what that changes on test data.",
  examples: [
    "pack digits.safetensors --precision int8 --eigenvectors 8",
    "pack digits.safetensors --precision f16 --data mnist --out small.safetensors",
  ],
  flags: {
    precision: choice("how matrices are stored; f32 changes nothing", {
      words: ["f32", "f16", "int8"],
      initial: "f32",
    }),
    eigenvectors: number("eigenvectors of every output to put beside the weights", {
      initial: 0,
      least: 0,
      whole: true,
    }),
    data: { ...dataFlags.data, initial: undefined as string | undefined },
    label: dataFlags.label,
    out: text("file to write; MODEL.packed.safetensors unless given", {
      placeholder: "FILE",
      completion: "file",
      initial: undefined,
      letter: "o",
    }),
  },
  positional: "MODEL",
  run: async ({ flags, model: path }, terminal) => {
    const { precision, eigenvectors, data } = flags;
    const out = flags.out ?? `${path.replace(/\.safetensors$/i, "")}.packed.safetensors`;
    if (resolve(out) === resolve(path)) {
      throw new UsageError(
        "--out: that is the model itself, which would be lost; give another file",
      );
    }
    if (data === undefined && flags.label !== undefined) {
      throw new UsageError("--label names a column of --data FILE.csv, and there is no --data");
    }
    await checkWritable(out);
    const { model, record } = await loadModel(path);
    const test = data === undefined ? undefined : (await loadData(data, flags)).test;
    if (test) checkMatch(model, path, test);
    const names = classNamesOf(model, record, test);
    const made = packed(model, {
      ...{ precision, eigenvectors },
      ...(test && { on: test }),
      ...(names && { metadata: { "odot.classNames": JSON.stringify(names) } }),
    });
    await writeWhole(out, made.bytes);
    sayPacked(made, path, terminal);
    if (made.accuracy) sayAccuracy(made.accuracy, test!.name, terminal);
    terminal.say(`Written to ${fileAddress(out)}`);
    const { bytes: _bytes, accuracy, ...figures } = made;
    terminal.emit({
      ...{ model: path, out, ...figures },
      ...(accuracy ? { data: test!.name, accuracy } : {}),
    });
    return exitCode.done;
  },
});

/** To the byte, whatever the size: 1,234,567. */
function bytes(count: number): string {
  return count.toLocaleString("en");
}

function sayPacked(made: Packed, path: string, { say, style }: Terminal): void {
  const { size, savedSize, precision, eigenvectors, largestError, relativeError } = made;
  const vectors = eigenvectors === 0
    ? ""
    : `, with ${eigenvectors} eigenvector${eigenvectors === 1 ? "" : "s"} of every output`;
  say(
    `${path} in ${style.bold(precision)}: ${bytes(size)} bytes instead of ${bytes(savedSize)} (${
      formatPercent(size / savedSize, 1)
    })${vectors}.`,
  );
  say(
    largestError === 0
      ? "The weights are the same."
      : `Weights moved by at most ${formatNumber(largestError, 3)}, together by ${
        formatPercent(relativeError, 2)
      } of their norm.`,
  );
}

function sayAccuracy(
  { rows, before, after, change, agreement, largestDifference }: NonNullable<Packed["accuracy"]>,
  name: string,
  { say, style }: Terminal,
): void {
  say(
    `On ${name} (${formatNumber(rows)} rows): accuracy ${formatPercent(before, 2)} before, ${
      style.bold(formatPercent(after, 2))
    } packed, ${formatSigned(100 * change, 3)} points; ${
      formatPercent(agreement, 2)
    } of rows in the same class; outputs differ by at most ${formatNumber(largestDifference, 3)}.`,
  );
}
