import type { OptimizerCounters } from "../optim/mod.ts";
import type { Position } from "./position.ts";

/** What a checkpoint says besides its tensors. */
export interface Header {
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly counters: OptimizerCounters;
  readonly schedule: Readonly<Record<string, unknown>> | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly position: Position;
  /** Score of the best weights; null where none are kept. */
  readonly bestScore: number | null;
}

/** A value of JSON; undefined where the text is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The header of a checkpoint, if every number in it is one. */
export function headerOf(text: string): Header | undefined {
  const header = parse(text) as Partial<Header> | null | undefined;
  const { counters, position, bestScore = null } = header ?? {};
  const whole = [
    ...[counters?.steps, counters?.pending, position?.epoch, position?.stepInEpoch],
    ...[position?.step, position?.right],
    ...[position?.random?.seed, position?.random?.stream, position?.random?.position],
  ];
  const finite = [counters?.learningRate, position?.lossSum, bestScore ?? 0];
  const sound = whole.every((value) => Number.isSafeInteger(value) && value! >= 0) &&
    finite.every((value) => Number.isFinite(value)) && position!.epoch >= 1;
  return sound ? { ...header as Header, bestScore } : undefined;
}

/** The first place where two values of JSON differ, in words. */
export function differ(then: unknown, now: unknown, path: string): string | undefined {
  if (Object.is(then, now)) return undefined;
  const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
  if (isObject(then) && isObject(now) && Array.isArray(then) === Array.isArray(now)) {
    const [a, b] = [then, now] as Record<string, unknown>[];
    for (const key of new Set([...Object.keys(a!), ...Object.keys(b!)])) {
      const found = differ(a![key], b![key], `${path}.${key}`);
      if (found) return found;
    }
    return undefined;
  }
  const show = (value: unknown): string => (JSON.stringify(value) ?? "absent").slice(0, 80);
  return `${path} was ${show(then)} and is now ${show(now)}`;
}
