import { type Limit, type LimitLoop, limitLoop } from "./limit.ts";

/** Whether a short look is enough: `--quick`, as CI does. */
export const quick: boolean = Deno.args.includes("--quick");

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** What is timed; a promise is awaited. */
  readonly run?: () => unknown;
  /** Where the side runs in another process: milliseconds that it took for a number of calls. */
  readonly time?: (calls: number) => Promise<number>;
  /** Time that it takes to get up to speed, milliseconds, where it is long. */
  readonly warmUp?: number | undefined;
}

/** What the kept runs of one side took. */
export interface Timing {
  readonly name: string;
  /** Milliseconds of the fastest call; NaN when no run was kept. */
  readonly best: number;
  /** Median over best of the kept runs, dimensionless: 1 is a silent machine. */
  readonly spread: number;
  readonly kept: number;
  readonly discarded: number;
}

/** The sides of a comparison, and the limit that was measured between their runs. */
export interface Comparison {
  readonly sides: readonly Timing[];
  /** Highest speed of the limit loops beside the kept runs, GFLOP/s. */
  readonly limit: Readonly<Record<Limit, number>>;
}

/** A sample lasts at least this long, milliseconds: well above the clock's resolution. */
const SAMPLE = 1;
/** Runs are kept while the limit loop beside them reaches this share of its best. */
const QUIET = 0.9;
/** Fewer kept runs than this, and the comparison goes on beyond its time, at most `PATIENCE` times. */
const ENOUGH = 5, PATIENCE = 4;

/** Time for repetitions, and for a side to get up to speed, milliseconds. */
const BUDGET = quick ? 150 : 3000, WARM_UP = quick ? 30 : 300;

const loops = new Map<Limit, LimitLoop>();
for (const kind of ["fused", "separate"] as const) {
  const loop = limitLoop(kind);
  if (loop) loops.set(kind, loop);
}
/** The loop that tells noise: the steadier of the two. */
const watch = loops.get("fused") ?? loops.get("separate")!;

interface Run {
  readonly milliseconds: number;
  /** Speed of the slower of the two limit loops around the run, GFLOP/s. */
  readonly quiet: number;
}

/** How a comparison goes. */
export interface Course {
  /**
   * Pause before every run, milliseconds: threads of one side that wait for work by spinning would take the core
   * that the other side's need. An untimed call follows, which wakes those of the side itself.
   */
  readonly rest?: number;
}

async function timed(side: Side, calls: number): Promise<number> {
  if (side.time) return await side.time(calls) / calls;
  const start = performance.now();
  for (let i = 0; i < calls; i++) {
    const pending = side.run!();
    // a synchronous side is not charged for a turn of the event loop
    if (pending instanceof Promise) await pending;
  }
  return (performance.now() - start) / calls;
}

/** Calls a sample needs, found while the side gets up to speed. */
async function warmUp(side: Side, milliseconds: number): Promise<number> {
  let best = Infinity;
  const start = performance.now();
  for (let calls = 1; calls < 3 || performance.now() - start < milliseconds; calls++) {
    best = Math.min(best, await timed(side, 1));
  }
  return Math.max(1, Math.ceil(SAMPLE / best));
}

function keptOf(runs: readonly Run[]): Run[] {
  return runs.filter(({ quiet }) => quiet >= QUIET * watch.best);
}

/**
 * Times the sides in turns, a limit loop before and after each run. A run beside a loop below 0.9 of the
 * loop's best is discarded: something else had the core.
 */
export async function compare(
  sides: readonly Side[],
  { rest = 0 }: Course = {},
): Promise<Comparison> {
  const calls: number[] = [];
  for (const side of sides) calls.push(await warmUp(side, side.warmUp ?? WARM_UP));
  const runs: Run[][] = sides.map(() => []);
  const limit = { fused: 0, separate: 0 };
  const start = performance.now();
  const goesOn = (): boolean => {
    const elapsed = performance.now() - start;
    const fewest = Math.min(...runs.map((of) => keptOf(of).length));
    const budget = rest > 0 ? 2 * BUDGET : BUDGET;
    return elapsed < budget || (fewest < ENOUGH && elapsed < PATIENCE * BUDGET);
  };
  do {
    let before = watch.sample();
    for (const [i, side] of sides.entries()) {
      if (rest > 0) {
        await new Promise((resolve) => setTimeout(resolve, rest));
        await timed(side, 2 * calls[i]!);
        before = watch.sample();
      }
      const milliseconds = await timed(side, calls[i]!);
      const after = watch.sample();
      runs[i]!.push({ milliseconds, quiet: Math.min(before, after) });
      before = after;
    }
    limit.fused = Math.max(limit.fused, loops.get("fused")?.sweep() ?? 0);
    loops.get("separate")?.sweep();
    // how a core deals separate instructions to its units is luck that lasts a while: its best so far
    limit.separate = loops.get("separate")?.best ?? 0;
  } while (goesOn());
  return {
    limit,
    sides: sides.map(({ name }, i) => {
      const kept = keptOf(runs[i]!).map((run) => run.milliseconds).sort((a, b) => a - b);
      const best = kept[0] ?? NaN;
      return {
        name,
        best,
        spread: (kept[kept.length >> 1] ?? NaN) / best,
        kept: kept.length,
        discarded: runs[i]!.length - kept.length,
      };
    }),
  };
}
