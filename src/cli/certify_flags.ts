import { UsageError } from "./errors.ts";
import { outputFlag } from "./classes.ts";
import { choice, type Flag, number, text, toggle } from "./flags.ts";
import { dataFlags } from "./sources.ts";
import { norms } from "./certify_verdicts.ts";

type MaybeNumber = Flag<number | undefined>;
type MaybeText = Flag<string | undefined>;

function file(help: string, placeholder: string, letter?: string): MaybeText {
  return text(help, {
    ...{ placeholder, initial: undefined, completion: "file" },
    ...(letter === undefined ? {} : { letter }),
  });
}

/** The flags of `odot certify`. */
export const certifyFlags: {
  readonly data: Flag<string>;
  readonly label: MaybeText;
  readonly count: MaybeNumber;
  readonly index: MaybeNumber;
  readonly seed: Flag<number>;
  readonly radius: MaybeNumber;
  readonly norm: Flag<typeof norms[number]>;
  readonly pixels: Flag<boolean>;
  readonly seconds: Flag<number>;
  readonly radii: Flag<readonly number[] | undefined>;
  readonly "at-most": MaybeNumber;
  readonly "at-least": MaybeNumber;
  readonly output: MaybeText;
  readonly within: MaybeNumber;
  readonly certificates: MaybeText;
  readonly csv: MaybeText;
  readonly title: MaybeText;
  readonly out: MaybeText;
} = {
  ...dataFlags,
  count: number("test rows to take; 1000 unless given, 100 with --radius", {
    ...{ initial: undefined, least: 1, whole: true },
  }),
  index: number("one row of the test data, from 0, instead of many", {
    ...{ initial: undefined, least: 0, whole: true },
  }),
  seed: number("of the choice of rows and of attacks", { initial: 0, least: 0, whole: true }),
  radius: number("decide whether the class stays within this radius", {
    ...{ initial: undefined, least: 0 },
  }),
  norm: choice("of --radius: l2 is exact, linf and l1 may end in unknown", {
    ...{ words: norms, initial: "l2" },
  }),
  pixels: toggle("with linf and l1: values stay within 0 to 1"),
  seconds: number("with linf: time for branch and bound on a rival that nothing else decides", {
    ...{ initial: 0, least: 0 },
  }),
  radii: {
    kind: "value",
    help: "radii of the table and the attacks, as 0,0.5,1; round ones that suit unless given",
    placeholder: "LIST",
    initial: undefined,
    read: readRadii,
  },
  "at-most": number("decide whether --output never exceeds this", { initial: undefined }),
  "at-least": number("decide whether --output never falls below this", { initial: undefined }),
  output: outputFlag("output of --at-most or --at-least, by name or number"),
  within: number("L2 radius of --at-most or --at-least, about the origin or row --index", {
    ...{ initial: undefined, least: 0 },
  }),
  certificates: file(
    "write certificates: a file that ends in .json, or a folder for one file a row",
    "PATH",
  ),
  csv: file("write one line a row", "FILE"),
  title: text("heading of the page", { placeholder: "TEXT", initial: undefined }),
  out: file("write a page with the curves and the nearest counterexamples", "FILE.html", "o"),
};

function readRadii(written: string): number[] {
  const found = written.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (!found.every((value) => value >= 0 && value < Infinity)) {
    throw new UsageError(`"${written}" is no list of numbers ≥ 0, such as 0,0.5,1`);
  }
  return [...new Set(found)].sort((a, b) => a - b);
}
