import {
  type Answer,
  boxPairs,
  type Certificate,
  certify,
  certifyBox,
  type ClassPairs,
} from "../guarantee/mod.ts";
import { formatNumber, formatPercent } from "../report/mod.ts";
import type { Model } from "../nn/mod.ts";
import { deepVerdict } from "./certify_deep.ts";
import { csvText } from "./certify_output.ts";
import { inputAt, type Rows } from "./certify_rows.ts";
import { exitCode } from "./errors.ts";
import type { Interrupt } from "./interrupt.ts";
import { meter } from "./meter.ts";
import { table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** Norms that inputs move in. */
export const norms = ["l2", "linf", "l1"] as const;

/** Time between two looks at the keyboard, milliseconds. */
const PAUSE = 50;

/** How far inputs may move, and what else is known of them. */
export interface Question {
  readonly norm: typeof norms[number];
  readonly radius: number;
  /** Values that inputs keep to, for boxes and L1 balls. */
  readonly domain?: readonly [low: number, high: number];
  /** Time for branch and bound on a rival, seconds. */
  readonly seconds: number;
  readonly seed: number;
  /** Whether certificates are to be written. */
  readonly certificates?: boolean;
}

/** The answer for a row. */
export interface RowVerdict {
  readonly row: number;
  readonly label: number;
  readonly answer: Answer<unknown>;
}

/** What was decided, row by row. */
export interface Verdicts {
  readonly rows: readonly RowVerdict[];
  readonly certificates: readonly { readonly row: number; readonly certificate: Certificate }[];
  /** Time a row, milliseconds. */
  readonly milliseconds: number;
  readonly interrupted: boolean;
  /** What proofs hold for, in words. */
  readonly holds: string;
}

/** What proofs of networks with an exact form hold for. */
const AS_IT_RUNS = "for the network as it runs in f32";

/**
 * Decides for every row whether its class can change within the radius; stops at Ctrl-C. A model that is
 * given without class pairs has no exact form, and gets bounds composed layer by layer.
 */
export async function decide(
  pairs: ClassPairs | Model,
  rows: Rows,
  question: Question,
  { terminal, interrupt }: { readonly terminal: Terminal; readonly interrupt: Interrupt },
): Promise<Verdicts> {
  const { norm, radius, domain, seconds, seed, certificates: wanted = false } = question;
  const total = rows.indices.length;
  const found: RowVerdict[] = [], certificates: { row: number; certificate: Certificate }[] = [];
  const boxes = norm === "l2" || !("forms" in pairs) ? undefined : boxPairs(pairs);
  const shown = meter(terminal, { label: `radius ${radius}`, total, unit: "rows" });
  const start = performance.now();
  let breath = start - PAUSE;
  for (let i = 0; i < total; i++) {
    if (performance.now() - breath >= PAUSE) {
      await interrupt.breathe();
      breath = performance.now();
    }
    if (interrupt.signal.aborted) break;
    const input = inputAt(rows, i), label = rows.labels[i]!, row = rows.indices[i]!;
    if (boxes && norm !== "l2") {
      const options = { radius, norm, label, seconds, seed, file: wanted };
      const answer = certifyBox(boxes, input, { ...options, ...(domain && { domain }) });
      found.push({ row, label, answer });
      const file = answer.verdict === "certified" ? answer.certificate.file : undefined;
      if (file) certificates.push({ row, certificate: file });
    } else if (!("forms" in pairs)) {
      found.push({ row, label, answer: deepVerdict(pairs, input, { radius, label, seed }) });
    } else {
      const answer = certify(pairs, input, { radius, label });
      found.push({ row, label, answer });
      if (answer.verdict === "certified") {
        certificates.push({ row, certificate: answer.certificate });
      }
    }
    shown.at(i + 1);
  }
  shown.end();
  const milliseconds = (performance.now() - start) / Math.max(1, found.length);
  const holds = "forms" in pairs ? AS_IT_RUNS : "for exact outputs; rounding in f32 comes on top";
  return { rows: found, certificates, milliseconds, interrupted: found.length < total, holds };
}

/** The ball of a question in words. */
export function within({ norm, radius, domain }: Question): string {
  const name = { l2: "L2", linf: "L∞", l1: "L1" }[norm];
  const kept = domain ? ` and values of ${domain[0]} to ${domain[1]}` : "";
  return `${name} radius ${formatNumber(radius, 6)}${kept}`;
}

/** How often each verdict was given. */
export function counts(rows: readonly RowVerdict[]): Record<Answer<unknown>["verdict"], number> {
  const count = (verdict: string): number =>
    rows.filter(({ answer }) => answer.verdict === verdict).length;
  return { certified: count("certified"), refuted: count("refuted"), unknown: count("unknown") };
}

/** Says how many rows were decided, and how. */
export function sayVerdicts(
  { rows, certificates, milliseconds, holds }: Verdicts,
  question: Question,
  name: string,
  { say, style }: Terminal,
): void {
  const found = counts(rows);
  const wrong = rows.filter(({ answer }) => answer.verdict === "refuted" && answer.distance === 0);
  const gaps = rows.flatMap(({ answer }) => answer.verdict === "unknown" ? [answer.gap] : [])
    .sort((a, b) => a - b);
  const unit = question.norm === "l2" && holds === AS_IT_RUNS ? "radius" : "margin";
  const notes: Record<keyof typeof found, string> = {
    certified: certificates.length === 0
      ? holds
      : certificates.length === found.certified
      ? "each with a certificate that its checker accepts"
      : `${formatNumber(certificates.length)} with a certificate, the others proven without one`,
    refuted: wrong.length > 0 ? `${formatNumber(wrong.length)} of them wrong as they are` : "",
    unknown: gaps.length > 0
      ? `gap of the bounds on the ${unit}: median ${
        formatNumber(gaps[Math.floor(gaps.length / 2)]!)
      }, largest ${formatNumber(gaps.at(-1)!)}`
      : "",
  };
  const what = rows.length === 1 ? "one row" : `${formatNumber(rows.length)} rows`;
  say(`Does the class of ${what} of ${name} stay within ${within(question)}?`);
  const lines = (["certified", "refuted", "unknown"] as const).map((verdict) => [
    verdict,
    found[verdict],
    formatPercent(found[verdict] / Math.max(1, rows.length)),
    notes[verdict],
  ]);
  for (const line of table(["verdict", "rows", "share", ""], lines, style)) say(line);
  say(`  ${formatNumber(milliseconds, 2)} ms a row`);
}

/** Verdicts as CSV, a line a row. */
export function verdictsCsv({ rows }: Verdicts): string {
  return csvText(
    ["row", "label", "verdict", "distance", "lower", "upper", "gap"],
    rows.map(({ row, label, answer }) => [
      ...[row, label, answer.verdict],
      ...(answer.verdict === "refuted" ? [answer.distance, "", "", ""] : []),
      ...(answer.verdict === "unknown" ? ["", answer.lower, answer.upper, answer.gap] : []),
      ...(answer.verdict === "certified" ? ["", "", "", ""] : []),
    ]),
  );
}

/** Says one answer, and why; what is certified holds for networks as they run unless told. */
export function sayAnswer(
  answer: Answer<unknown>,
  what: string,
  { say, style }: Terminal,
  holds: string = AS_IT_RUNS,
): void {
  if (answer.verdict === "certified") {
    say(`${style.green("certified")}: ${what}, proven ${holds}.`);
  } else if (answer.verdict === "refuted") {
    const where = answer.distance === 0
      ? "at the input itself"
      : `by an input at distance ${formatNumber(answer.distance, 6)}`;
    say(`${style.red("refuted")} ${where}: it is not true that ${what}.`);
  } else {
    say(`${style.bold("unknown")} whether ${what}: ${answer.reason}.`);
    say(
      `  bounds ${formatNumber(answer.lower, 6)} to ${formatNumber(answer.upper, 6)}, gap ${
        formatNumber(answer.gap)
      }`,
    );
  }
}

/** An answer as JSON has it: typed arrays as lists. */
export function answerJson(answer: Answer<unknown>): Record<string, unknown> {
  return answer.verdict === "refuted"
    ? { ...answer, point: [...answer.point] }
    : { ...answer } as Record<string, unknown>;
}

/** The exit code of a single question. */
export function codeOf({ verdict }: Answer<unknown>): number {
  return {
    certified: exitCode.done,
    refuted: exitCode.refuted,
    unknown: exitCode.unknown,
  }[verdict];
}
