import { formatNumber } from "../report/mod.ts";
import { clock, progressOf } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

/** Time between two lines where there is no terminal, seconds. */
const PAUSE = 5;

/** Shows how far a piece of work is. */
export interface Meter {
  /** So many of all are done. */
  at(done: number): void;
  /** Removes the bar. */
  end(): void;
}

/** A bar with rate and time left on a terminal, elsewhere a line every few seconds. */
export function meter(
  terminal: Terminal,
  { label, total, unit }: { label: string; total: number; unit: string },
  now: () => number = () => performance.now(),
): Meter {
  const progress = progressOf(terminal, now), start = now();
  let said = start;
  const details = (done: number): string[] => {
    const rate = 1000 * done / (now() - start);
    return [`${clock((total - done) / rate)} left`, `${formatNumber(rate)} ${unit}/s`];
  };
  return {
    at: (done) => {
      progress.show(() => ({ label, share: done / total, details: details(done) }));
      if (terminal.live || done >= total || now() - said < 1000 * PAUSE) return;
      said = now();
      const [left, rate] = details(done);
      terminal.say(
        `${label}: ${formatNumber(done)} of ${formatNumber(total)} ${unit}, ${rate}, ${left}`,
      );
    },
    end: () => progress.clear(),
  };
}
