/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** Done before each run, outside its time. */
  readonly prepare?: () => void;
  readonly run: () => void;
}

/** Best time of each side, milliseconds, from interleaved repetitions: noise hits all sides alike. */
export function bestOf(sides: readonly Side[], repetitions: number): number[] {
  const best = sides.map(() => Infinity);
  for (let r = 0; r < repetitions; r++) {
    sides.forEach(({ prepare, run }, i) => {
      prepare?.();
      const start = performance.now();
      run();
      best[i] = Math.min(best[i]!, performance.now() - start);
    });
  }
  return best;
}

/** Whether a quick look is enough: `deno task bench --quick`, as CI does. */
export const quick: boolean = Deno.args.includes("--quick");
