import { importMemory, moveWindow, SLOTS } from "./slots.ts";
import { CONTROL as AT, LOOKS, PROGRAM } from "./thread_program.ts";
import { workerStarter } from "./workers.ts";

// Threads share out one kernel call at a time: positions [0, end) of a range in chunks of `step`, taken
// from a counter, by this thread and by every worker that is awake. The protocol: thread_program.ts.

/** The kernels that work on a part of a range, given as their first two parameters. */
export const SHARED_KERNELS = ["pack_f32", "pack_f64", "sweep_f32", "sweep_f64"] as const;
/** One of them. */
export type SharedKernel = typeof SHARED_KERNELS[number];
type Run = (first: number, last: number, ...parameters: number[]) => void;

/** One build as the generated files hold it. */
export interface Binary {
  /** The module of the first thread. */
  readonly module: Uint8Array;
  /** Where the modules of others differ. */
  readonly positions: readonly number[];
}

/** This thread and its workers, on one shared memory. */
export interface Team {
  /** Threads that take part, or will once they have begun. */
  threads(): number;
  /** Workers that have begun. */
  ready(): number;
  /** Why workers are missing, if any are. */
  problem(): string | undefined;
  /**
   * Runs `kernel` of build number `build` on [0, end), in chunks of `step`; `own` is this thread's.
   *
   * @throws {Error} when a worker failed inside: what the kernel should have written is undefined then.
   */
  share(
    build: number,
    kernel: SharedKernel,
    own: Run,
    end: number,
    step: number,
    parameters: readonly number[],
  ): void;
  /** Ends the workers. */
  stop(): void;
}

/**
 * Starts `threads` − 1 workers on `memory`, or says why that cannot be.
 *
 * The workers begin when their engine gets to it; until then this thread does all the work.
 */
export function startTeam(
  threads: number,
  memory: WebAssembly.Memory,
  binaries: readonly Binary[],
): Team | string {
  const startWorker = workerStarter(PROGRAM);
  if (typeof startWorker === "string") return startWorker;
  const control = new Int32Array(new SharedArrayBuffer(4 * AT.words));
  control[AT.gate] = -1;
  let failures = 0, problem: string | undefined;
  const common = { control, memory, kernels: SHARED_KERNELS, places: AT, looks: LOOKS };
  const workers: { terminate(): void }[] = [];
  const stop = (): void => {
    Atomics.store(control, AT.stop, 1);
    Atomics.add(control, AT.job, 1);
    Atomics.notify(control, AT.job);
    for (const worker of workers) worker.terminate();
  };
  try {
    for (let slot = 1; slot < Math.min(threads, SLOTS); slot++) {
      const modules = binaries.map(({ module, positions }) =>
        new WebAssembly.Module(importMemory(moveWindow(module, positions, slot), false))
      );
      workers.push(startWorker({ ...common, modules }, (reason) => {
        failures++;
        problem = `a worker failed: ${reason}`;
      }));
    }
  } catch (error) {
    stop();
    return `a worker cannot be started: ${error}`;
  }
  return {
    threads: () => 1 + workers.length - failures,
    ready: () => Atomics.load(control, AT.ready),
    problem: () => problem,
    stop,
    share: (build, kernel, own, end, step, parameters) => {
      control[AT.build] = build;
      control[AT.kernel] = SHARED_KERNELS.indexOf(kernel);
      control[AT.end] = end;
      control[AT.step] = step;
      control.set(parameters, AT.parameters);
      Atomics.store(control, AT.next, 0);
      Atomics.store(control, AT.gate, 0);
      Atomics.add(control, AT.job, 1);
      Atomics.notify(control, AT.job);
      try {
        for (;;) {
          const first = Atomics.add(control, AT.next, 1) * step;
          if (first >= end) break;
          own(first, Math.min(end, first + step), ...parameters);
        }
      } finally {
        Atomics.store(control, AT.next, Math.ceil(end / step));
        closeGate(control);
      }
      if (Atomics.exchange(control, AT.failed, 0)) {
        throw new Error(
          `Cannot finish ${kernel}(): a worker failed inside it; configure({ threads: 1 }) does without`,
        );
      }
    },
  };
}

/** Waits until no worker is inside, and lets none in any more. */
function closeGate(control: Int32Array): void {
  for (let looks = 0;; looks++) {
    const inside = Atomics.load(control, AT.gate);
    if (inside > 0 && looks >= LOOKS) rest(control, inside);
    if (inside === 0 && Atomics.compareExchange(control, AT.gate, 0, -1) === 0) return;
  }
}

/** Sleeps until the workers inside have left, where this thread may sleep: a page's own may not. */
function rest(control: Int32Array, inside: number): void {
  try {
    Atomics.wait(control, AT.gate, inside, 1);
  } catch {
    // then go on looking
  }
}
