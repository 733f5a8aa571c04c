/**
 * Places in the control block that threads share, as indices of i32. What is written often stands on
 * cache lines of its own.
 */
export const CONTROL = {
  /** −1 while closed, else how many workers are inside the job. */
  gate: 0,
  /** Counts jobs; workers sleep on it. */
  job: 16,
  /** The next chunk that nobody has taken. */
  next: 32,
  /** Set by a worker that failed inside a job. */
  failed: 48,
  /** Counts workers that have begun. */
  ready: 49,
  /** Tells workers to end. */
  stop: 50,
  /** Index of the build. */
  build: 51,
  /** Index of the kernel. */
  kernel: 52,
  /** Last position of the range that is shared out, and positions a chunk. */
  end: 53,
  step: 54,
  /** What else the kernel takes. */
  parameters: 55,
  words: 80,
} as const;

/** How often a thread looks before it sleeps: about as long as it takes to wake it. */
export const LOOKS = 2000;

/**
 * What a worker does, as JavaScript, a function body with `start` in scope: it joins a job by increasing
 * the gate, which it can only while the gate is open, takes chunks until none is left, and decreases the
 * gate. So a worker that begins or wakes late finds the gate closed and holds nobody up.
 */
export const PROGRAM: string = `
const { control, memory, modules, kernels, places: at, looks } = start;
const builds = modules.map((module) => new WebAssembly.Instance(module, { odot: { memory } }).exports);
const join = () => {
  let inside = Atomics.load(control, at.gate);
  while (inside >= 0) {
    const found = Atomics.compareExchange(control, at.gate, inside, inside + 1);
    if (found === inside) return true;
    inside = found;
  }
  return false;
};
const leave = () => {
  if (Atomics.sub(control, at.gate, 1) === 1) Atomics.notify(control, at.gate);
};
const work = () => {
  const run = builds[control[at.build]][kernels[control[at.kernel]]];
  const end = control[at.end], step = control[at.step];
  const parameters = control.slice(at.parameters, at.words);
  for (;;) {
    const first = Atomics.add(control, at.next, 1) * step;
    if (first >= end) return;
    run(first, Math.min(end, first + step), ...parameters);
  }
};
Atomics.add(control, at.ready, 1);
for (let seen = 0;;) {
  for (let i = 0; Atomics.load(control, at.job) === seen; i++) {
    if (i >= looks) Atomics.wait(control, at.job, seen);
  }
  seen = Atomics.load(control, at.job);
  if (Atomics.load(control, at.stop)) break;
  if (!join()) continue;
  try {
    work();
  } catch {
    Atomics.store(control, at.failed, 1);
  } finally {
    leave();
  }
}
`;
