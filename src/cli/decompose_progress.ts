import { type Plan, plan } from "../decompose/mod.ts";
import type { DeepInteractions, Interactions } from "../decompose/mod.ts";
import { formatNumber } from "../report/mod.ts";
import { type DecomposeFlags, type MethodName, methods } from "./decompose_flags.ts";
import { CommandError } from "./errors.ts";
import { prefixed } from "./plan.ts";
import { clock, progressOf } from "./progress.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** Work that takes longer says beforehand what it will take, seconds. */
const LONG = 1;
/** Least time between two lines where there is no terminal, seconds. */
const PAUSE = 5;
const GIB = 2 ** 30;
/** Methods that begin anew for every rank, and those that sweep. */
const fromStart: readonly MethodName[] = ["cp", "dictionary", "blocks"];
const sweeping: readonly MethodName[] = ["tucker", ...fromStart];

/**
 * The plan of a decomposition.
 *
 * @throws {CommandError} with advice where it would not fit.
 */
export function planned(source: Interactions | DeepInteractions, flags: DecomposeFlags): Plan {
  const { method, rank, memory } = flags;
  const made = plan(source, {
    method: methods[method],
    ...(rank && { rank: rank.at(-1)! }),
    ...{ blockRank: flags["block-rank"], memoryLimit: memory * GIB },
  });
  if (made.fits) return made;
  throw new CommandError(
    `Cannot run ${method}: it would hold ${prefixed(made.bytes, "B")}, and ${
      prefixed(memory * GIB, "B")
    } are allowed; allow more with --memory ${Math.ceil(made.bytes / GIB)} (GiB)${
      method === "hosvd" || method === "odt"
        ? ", or train a smaller embedding"
        : ", ask for a smaller --rank, or take --method hosvd, which needs the least"
    }`,
  );
}

/** Shows a plan, where the work is long or it was asked for. */
export function sayPlan(made: Plan, flags: DecomposeFlags, { say, style }: Terminal): void {
  if (!flags.plan && made.expectedSeconds < LONG) return;
  const several = flags.rank === undefined && fromStart.includes(flags.method);
  say(
    `To run ${flags.method} takes${several ? ", for the largest rank that a goal may need" : ""}:`,
  );
  const rows = [
    ["memory", prefixed(made.bytes, "B")],
    ["the tensor, which is not formed", prefixed(made.denseBytes, "B")],
    ["operations", prefixed(made.flops, "flop")],
    [
      "time",
      `about ${clock(made.expectedSeconds)}${
        sweeping.includes(flags.method) ? "; sweeps may end sooner" : ""
      }`,
    ],
  ];
  for (const line of table(["", ""], rows, style).slice(1)) say(line);
}

/** How far work has come. */
export interface Steps {
  /** After a sweep or a step of so many. */
  show(step: number, steps: number, relativeError?: number): void;
  /** Removes what is shown. */
  clear(): void;
}

/** A bar on a terminal, a line now and then elsewhere. */
export function stepsOf(
  label: string,
  terminal: Terminal,
  now: () => number = () => performance.now(),
): Steps {
  const bar = progressOf(terminal, now);
  let last = now();
  return {
    show: (step, steps, relativeError) => {
      const details = relativeError === undefined
        ? []
        : [`relative error ${formatNumber(relativeError, 3)}`];
      bar.show(() => ({ label, share: step / steps, details }));
      if (terminal.live || now() - last < 1000 * PAUSE) return;
      last = now();
      terminal.say([`${label}: ${step} of at most ${steps}`, ...details].join(", "));
    },
    clear: bar.clear,
  };
}
