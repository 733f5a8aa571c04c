import { deepInteractions, type Interactions, interactions, type Plan } from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { RankError } from "../report/mod.ts";
import { type Wanted, wantedOf } from "./decompose_flags.ts";
import { decomposed, type Found, type WholeMethod } from "./decompose_methods.ts";
import {
  type Context,
  jsonOf,
  measured,
  pageOf,
  planJson,
  sayFound,
  written,
} from "./decompose_output.ts";
import { planned, sayPlan, stepsOf } from "./decompose_progress.ts";
import { CommandError, exitCode, messageOf } from "./errors.ts";

/** Time that the errors of other ranks may take, by the plan, seconds; and how many they are. */
const SECONDS = 15, LEAST = 5, MOST = 10;

/** `odot decompose` by a method that approximates the whole. */
export async function decomposeWhole(method: WholeMethod, context: Context): Promise<number> {
  const { model, flags, terminal, path } = context;
  const deep = method === "odt" ? deepInteractions(model) : undefined;
  const source = deep ?? layerOf(model), plan = planned(source, flags);
  sayPlan(plan, flags, terminal);
  if (flags.plan) {
    terminal.emit({ model: path, method, plan: planJson(plan) });
    return exitCode.done;
  }
  const run = (wanted: Wanted, label: string): Found => {
    const steps = stepsOf(label, terminal);
    try {
      return decomposed(method, { source, flags, wanted, progress: steps.show });
    } finally {
      steps.clear();
    }
  };
  const found = run(wantedOf(flags, context.test), method);
  sayFound(found, context);
  const smaller = found.toModel(), accuracy = measured(smaller, context);
  const errors = flags.report === undefined
    ? []
    : errorsOf(found, plan, (rank) => run(rank, `error of rank ${rank}`));
  const { code, saved } = await written({
    smaller,
    html: () => pageOf(found, { errors, accuracy }, context),
  }, context);
  smaller[Symbol.dispose]();
  if (terminal.json) {
    terminal.emit({
      ...jsonOf(found, context),
      plan: planJson(plan),
      ...(accuracy && { accuracy }),
      ...(saved && { saved }),
      ...(flags.report === undefined ? {} : { report: flags.report, errors }),
    });
  }
  return code;
}

/**
 * The interactions of a model with one bilinear layer.
 *
 * @throws {CommandError} that points to odt where that takes the model.
 */
export function layerOf(model: Model): Interactions {
  try {
    return interactions(model);
  } catch (error) {
    try {
      deepInteractions(model);
    } catch {
      throw error;
    }
    throw new CommandError(`${messageOf(error)}; --method odt takes this model`, { cause: error });
  }
}

/** Errors of several ranks: up to all where that is known, and else up to the one that was found. */
function errorsOf(found: Found, plan: Plan, run: (rank: number) => Found): RankError[] {
  const { most, kept } = found.against;
  const count = Math.max(LEAST, Math.min(MOST, Math.floor(SECONDS / plan.expectedSeconds)));
  const ranks = new Set([...geometric(most, count), ...(kept === undefined ? [] : [kept])]);
  return [...ranks].sort((a, b) => a - b)
    .map((rank) => errorOf(rank, rank === kept ? found : run(rank)));
}

/** 1, …, most: whole numbers with even ratios. */
export function geometric(most: number, count: number): number[] {
  const found = Array.from(
    { length: count },
    (_, i) => Math.round(most ** (i / Math.max(1, count - 1))),
  );
  return [...new Set(found)];
}

function errorOf(rank: number, { relativeError, errorBound }: Found): RankError {
  return { rank, relativeError, ...(errorBound !== undefined && { errorBound }) };
}
