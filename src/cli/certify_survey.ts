import {
  attack,
  type Certificate,
  certify,
  type ClassPairs,
  intervalRadii,
  radii,
  radius as radiusOf,
} from "../guarantee/mod.ts";
import {
  type AttackedAccuracy,
  type CertifiedFindings,
  type Counterfactual,
  tellingRadii,
} from "../report/mod.ts";
import { inputAt, type Rows } from "./certify_rows.ts";
import type { ClassNames } from "./classes.ts";
import type { Interrupt } from "./interrupt.ts";
import { meter } from "./meter.ts";
import type { Terminal } from "./terminal.ts";

/** Rows whose radii are taken between two looks at the keyboard. */
const RADII = 256;

/** Rows that are attacked between two. */
const CHUNK = 64;

/** Rows for which interval propagation is tried. */
const INTERVALS = 200;

/** Rows whose nearest counterexample is drawn, of different classes. */
const EXAMPLES = 10;

/** How much of a proven radius a certificate claims: its checker needs some room. */
const CLAIMED = 0.99;

/** Certified radii of rows, and what attacks found. */
export interface Survey extends CertifiedFindings {
  /** Rows whose radius is known. */
  readonly done: number;
  /** Attacks inside a certified radius: there can be none. */
  readonly violations: number;
  /** Time of the radii, milliseconds a row. */
  readonly milliseconds: number;
  readonly certificates: readonly { readonly row: number; readonly certificate: Certificate }[];
  /** What Ctrl-C cut off, where it did. */
  readonly interrupted?: string;
}

/** What a survey is asked for. */
export interface SurveyOptions {
  /** Radii to attack; round ones that suit the certified radii unless given. */
  readonly radii?: readonly number[] | undefined;
  readonly seed: number;
  /** Whether examples are to be found for a report. */
  readonly examples: boolean;
  readonly certificates: boolean;
}

/** Exact radii of rows, then intervals and attacks on the same rows; stops where Ctrl-C was pressed. */
export async function survey(
  pairs: ClassPairs,
  rows: Rows,
  names: ClassNames,
  options: SurveyOptions,
  { terminal, interrupt }: { readonly terminal: Terminal; readonly interrupt: Interrupt },
): Promise<Survey> {
  const { source, labels, indices } = rows, total = indices.length;
  const radius = new Float64Array(total), lower = new Float64Array(total);
  const predicted = new Int32Array(total), rival = new Int32Array(total);
  let done = 0, time = 0, interrupted: string | undefined;
  /** Works through rows, part by part; false where Ctrl-C was pressed. */
  const through = async (
    label: string,
    count: number,
    size: number,
    body: (start: number, end: number) => void,
  ): Promise<boolean> => {
    const shown = meter(terminal, { label, total: count, unit: "rows" });
    for (let start = 0; start < count; start += size) {
      await interrupt.breathe();
      if (interrupt.signal.aborted) {
        interrupted ??= `${label}, after ${start} of ${count} rows`;
        break;
      }
      const end = Math.min(count, start + size);
      body(start, end);
      shown.at(end);
    }
    shown.end();
    return interrupted === undefined;
  };
  const inputs = (start: number, end: number): Float32Array =>
    rows.inputs.subarray(start * source.features, end * source.features);

  await through("exact radii", total, RADII, (start, end) => {
    const begin = performance.now();
    const found = radii(pairs, inputs(start, end), { labels: labels.subarray(start, end) });
    radius.set(found.radius, start);
    lower.set(found.lower, start);
    predicted.set(found.predicted, start);
    rival.set(found.rival, start);
    time += performance.now() - begin;
    done = end;
  });

  const intervals: number[] = [], attacked: AttackedAccuracy[] = [];
  if (!interrupted) {
    await through("intervals", Math.min(done, INTERVALS), CHUNK, (start, end) => {
      const own = { labels: labels.subarray(start, end) };
      intervals.push(...intervalRadii(pairs, inputs(start, end), own));
    });
  }
  let violations = 0;
  const standing = new Set([...indices.keys()].filter((i) => predicted[i] === labels[i]));
  for (const at of options.radii ?? tellingRadii(lower)) {
    if (interrupted) break;
    const left = [...standing];
    const whole = at === 0 ||
      await through(`attacks of ${at}`, left.length, CHUNK, (start, end) => {
        const some = left.slice(start, end), { features } = source;
        const packed = new Float32Array(some.length * features);
        some.forEach((i, place) => packed.set(inputAt(rows, i), place * features));
        const own = { radius: at, seed: options.seed, labels: some.map((i) => labels[i]!) };
        const { found, distances } = attack(pairs.model, packed, own);
        some.forEach((i, place) => {
          if (!found[place]) return;
          standing.delete(i);
          if (distances[place]! < lower[i]!) violations++;
        });
      });
    if (whole) attacked.push({ radius: at, accuracy: standing.size / total });
  }

  const certificates: { row: number; certificate: Certificate }[] = [];
  if (options.certificates && !interrupted) {
    await through("certificates", total, 1, (i) => {
      if (!(lower[i]! > 0 && lower[i]! < Infinity)) return;
      const claim = { radius: CLAIMED * lower[i]!, label: labels[i]! };
      const answer = certify(pairs, inputAt(rows, i), claim);
      if (answer.verdict !== "certified") return;
      certificates.push({ row: indices[i]!, certificate: answer.certificate });
    });
  }
  const cut = <T extends Int32Array | Float64Array>(values: T): T => values.slice(0, done) as T;
  return {
    name: `${done} rows of ${source.name}`,
    ...{ done, violations, certificates, intervals, attacked, milliseconds: time / done },
    ...{ labels: cut(labels), predicted: cut(predicted), rival: cut(rival) },
    ...{ radius: cut(radius), lower: cut(lower) },
    ...(options.examples && !interrupted
      ? { examples: nearest(pairs, rows, { predicted, radius }) }
      : {}),
    ...(source.image ? { image: source.image } : {}),
    ...(names ? { classes: names } : {}),
    ...(interrupted === undefined ? {} : { interrupted }),
  };
}

/** The smallest changes of some rows that are right, of as many classes as there are. */
function nearest(
  pairs: ClassPairs,
  rows: Rows,
  { predicted, radius }: Pick<CertifiedFindings, "predicted" | "radius">,
): Counterfactual[] {
  const byClass = new Map<number, number>();
  rows.labels.forEach((label, i) => {
    const known = predicted[i] === label && radius[i]! > 0 && radius[i]! < Infinity;
    if (known && !byClass.has(label)) byClass.set(label, i);
  });
  const chosen = [...byClass.values()].slice(0, EXAMPLES)
    .sort((a, b) => rows.labels[a]! - rows.labels[b]!);
  return chosen.map((i) => {
    const input = inputAt(rows, i);
    const { change, label, rival, radius: length } = radiusOf(pairs, input);
    return { index: rows.indices[i]!, input, change, label, rival, radius: length };
  });
}
