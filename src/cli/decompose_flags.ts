import type { Goal, Method } from "../decompose/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { outputFlag } from "./classes.ts";
import { UsageError } from "./errors.ts";
import { choice, type Flag, number, text, toggle, type Values } from "./flags.ts";
import { dataFlags } from "./sources.ts";

/** Names that people write. */
export type MethodName =
  | "eigen"
  | "hosvd"
  | "tucker"
  | "cp"
  | "dictionary"
  | "tt"
  | "blocks"
  | "odt";

/** What the library calls them. */
export const methods: Readonly<Record<MethodName, Method>> = {
  eigen: "eigen",
  hosvd: "hosvd",
  tucker: "tucker",
  cp: "cp",
  dictionary: "symmetricCp",
  tt: "tensorTrain",
  blocks: "blockTerm",
  odt: "odt",
};

const methodNames = Object.keys(methods) as MethodName[];

/** Ranks on the command line: `10`, or `10,32`. */
const ranks: Flag<readonly number[] | undefined> = {
  kind: "value",
  help:
    "what to keep: components, directions or eigenvalues; for tucker and tt also A,B: of outputs and " +
    "of inputs; for odt also one number for each state",
  placeholder: "N[,N]",
  initial: undefined,
  read: (written) => {
    const found = written.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
    if (!found.every((rank) => Number.isSafeInteger(rank) && rank >= 1)) {
      throw new UsageError(`"${written}" is not a whole number ≥ 1, or several with commas`);
    }
    return found;
  },
};

const share = { initial: undefined, above: 0, most: 1 };

type Optional<T> = Flag<T | undefined>;

/** The flags of `odot decompose`. */
export const decomposeFlags: {
  readonly method: Flag<MethodName>;
  readonly rank: Optional<readonly number[]>;
  readonly energy: Optional<number>;
  readonly "relative-error": Optional<number>;
  readonly "accuracy-drop": Optional<number>;
  readonly "logit-error": Optional<number>;
  readonly radius: Optional<number>;
  readonly "block-rank": Flag<number>;
  readonly seed: Flag<number>;
  readonly memory: Flag<number>;
  readonly plan: Flag<boolean>;
  readonly output: Optional<string>;
  readonly space: Flag<"input" | "embedding">;
  readonly accuracy: Flag<boolean>;
  readonly data: Optional<string>;
  readonly label: Optional<string>;
  readonly out: Optional<string>;
  readonly report: Optional<string>;
} = {
  method: choice("how to take it apart", { words: methodNames, initial: "eigen" }),
  rank: ranks,
  energy: number("keep at least this share of ‖B‖², 0 to 1", share),
  "relative-error": number("allow at most this ‖B − B̂‖ / ‖B‖, 0 to 1", {
    ...{ initial: undefined, least: 0, most: 1 },
  }),
  "accuracy-drop": number("allow at most this loss of accuracy on the test data, 0 to 1", {
    ...{ initial: undefined, least: 0, most: 1 },
  }),
  "logit-error": number("allow no output to move by more, for inputs of length --radius: proved", {
    ...{ initial: undefined, above: 0 },
  }),
  radius: number("length of the inputs that --logit-error speaks of", {
    ...{ initial: undefined, above: 0 },
  }),
  "block-rank": number("eigenvectors in each block of --method blocks", {
    ...{ initial: 2, least: 1, whole: true },
  }),
  seed: number("of random starts", { initial: 0, least: 0, whole: true }),
  memory: number("memory that the work may take, GiB", { initial: 2, above: 0 }),
  plan: toggle("say what it would take, and stop"),
  output: outputFlag("list the eigenvalues of this class alone, by name or number"),
  space: choice("where eigenvectors are orthonormal", {
    words: ["input", "embedding"],
    initial: "input",
  }),
  accuracy: toggle("measure accuracy against the number of eigenvectors kept"),
  data: { ...dataFlags.data, initial: undefined },
  label: dataFlags.label,
  out: text("save the smaller network that was made", {
    ...{ placeholder: "FILE", completion: "file", initial: undefined, letter: "o" },
  }),
  report: text("write a page with spectra, components and errors", {
    ...{ placeholder: "FILE", completion: "file", initial: undefined },
  }),
};

/** What the flags are worth. */
export type DecomposeFlags = Values<typeof decomposeFlags>;

/** How much to keep, as the methods take it; nothing where nothing was said. */
export type Wanted = number | readonly number[] | Goal | undefined;

/** Flags that are goals. */
const GOALS = ["energy", "relative-error", "accuracy-drop", "logit-error"] as const;

/** Methods that keep everything where nothing is said. */
const WHOLE: readonly MethodName[] = ["eigen", "hosvd", "tucker", "tt", "odt"];

/**
 * Fails where flags do not fit together, before anything is read.
 *
 * @throws {UsageError} that says which, and what to give.
 */
export function checkFlags(flags: DecomposeFlags): void {
  const { method, rank, radius } = flags;
  const given = [...(rank ? ["rank"] : []), ...GOALS.filter((goal) => flags[goal] !== undefined)];
  if (given.length > 1) {
    throw new UsageError(`--${given[0]} and --${given[1]} both say how much to keep: give one`);
  }
  if ((flags["logit-error"] === undefined) !== (radius === undefined)) {
    throw new UsageError("--logit-error and --radius go together: give both");
  }
  if (given.length === 0 && !WHOLE.includes(method)) {
    throw new UsageError(
      `--method ${method} needs --rank, or a goal such as --energy 0.99: how much to keep`,
    );
  }
  const several = ["tucker", "tt"].includes(method) ? 2 : method === "odt" ? Infinity : 1;
  if (rank && rank.length > several) {
    throw new UsageError(`--rank: ${method} takes ${several === 1 ? "one number" : "one or two"}`);
  }
  if (flags.out !== undefined && method === "eigen" && given.length === 0) {
    throw new UsageError(
      "--out needs --rank, or a goal such as --energy 0.99: how many eigenvectors of every output to keep",
    );
  }
  if (flags.space === "embedding") {
    const needs = (["out", "report"] as const).find((name) => flags[name] !== undefined) ??
      GOALS.find((goal) => flags[goal] !== undefined);
    if (needs !== undefined) {
      throw new UsageError(
        `--${needs} is for eigenvectors of the input space; leave --space away`,
      );
    }
    if (method !== "eigen") {
      throw new UsageError(`--space is for --method eigen, not for ${method}`);
    }
  }
  if (method === "eigen") return;
  for (const name of ["output", "accuracy"] as const) {
    if (!flags[name]) continue;
    throw new UsageError(`--${name} is for --method eigen, not for ${method}`);
  }
}

/** Whether a goal of the flags is measured on data. */
export function needsData(flags: DecomposeFlags): boolean {
  return flags.accuracy || flags["accuracy-drop"] !== undefined;
}

/** How much to keep. `test` is what accuracy is measured on. */
export function wantedOf(flags: DecomposeFlags, test: Dataset | undefined): Wanted {
  const { rank, energy, radius } = flags;
  const accuracyDrop = flags["accuracy-drop"], logitError = flags["logit-error"];
  const relativeError = flags["relative-error"];
  if (rank) return rank.length === 1 ? rank[0] : rank;
  if (energy !== undefined) return { energy };
  if (relativeError !== undefined) return { relativeError };
  if (accuracyDrop !== undefined && test) return { accuracyDrop, on: test };
  if (logitError !== undefined && radius !== undefined) return { logitError, radius };
  return undefined;
}
