/**
 * Decompositions from factors: what they take in time and memory, beside the dense tensor that is never
 * made. Random layers in f64: 784 inputs, 256 neurons, 10 outputs, and 3,072 inputs, 1,024 neurons, 100
 * outputs.
 *
 *     deno run -A bench/decompose.ts [--quick]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { decompose, linalg } from "@odot/odot";

const quick = Deno.args.includes("--quick");

/** A layer whose weights are normal numbers, from a generator that needs no heap. */
function layer(inputs: number, neurons: number, outputs: number): decompose.Interactions {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  const draw = (rows: number, columns: number): linalg.Matrix =>
    linalg.matrix(rows, columns, Float64Array.from({ length: rows * columns }, next));
  return decompose.fromFactors({
    ...{ left: draw(neurons, inputs), right: draw(neurons, inputs) },
    ...{ leftBias: new Float64Array(neurons), rightBias: new Float64Array(neurons) },
    ...{ readout: draw(outputs, neurons), outputBias: new Float64Array(outputs) },
  });
}

/** Bytes of the process, the kernels' memory included. */
function held(): number {
  return Deno.memoryUsage().rss;
}

interface Case {
  readonly name: string;
  readonly goal?: string;
  readonly run: (whole: decompose.Interactions) => unknown;
}

function measure(
  size: readonly [number, number, number],
  cases: readonly Case[],
  repetitions: number,
): void {
  const [inputs, neurons, outputs] = size;
  const dense = 8 * outputs * inputs * inputs / 2 ** 20;
  console.log(
    `\n${inputs} inputs, ${neurons} neurons, ${outputs} outputs; dense ${dense.toFixed(0)} MiB`,
  );
  console.log(`${"".padEnd(44)}${"best".padStart(10)}${"held".padStart(10)}   goal`);
  for (const { name, goal = "", run } of cases) {
    let best = Infinity, most = 0;
    for (let i = 0; i < repetitions; i++) {
      // every run begins with weights alone: bases and inner products are made anew
      const whole = layer(...size), before = held(), start = performance.now();
      run(whole);
      best = Math.min(best, performance.now() - start);
      most = Math.max(most, held() - before);
    }
    const time = best < 1000 ? `${best.toFixed(1)} ms` : `${(best / 1000).toFixed(2)} s`;
    console.log(
      `${name.padEnd(44)}${time.padStart(10)}${
        `${(most / 2 ** 20).toFixed(0)} MiB`.padStart(10)
      }   ${goal}`,
    );
  }
}

const everyOutput = (whole: decompose.Interactions, rank?: number): void => {
  for (let o = 0; o < whole.outputs; o++) {
    decompose.eigen(whole.output(o), rank === undefined ? {} : { rank });
  }
};

measure([784, 256, 10], [
  { name: "hosvd", goal: "milliseconds", run: (w) => decompose.hosvd(w) },
  { name: "eigen, all pairs of all outputs", goal: "< 1 s, < 50 MB", run: (w) => everyOutput(w) },
  { name: "eigen, 10 pairs of one output", run: (w) => decompose.eigen(w.output(0), { rank: 10 }) },
  { name: "tucker [10, 32]", run: (w) => decompose.tucker(w, { rank: [10, 32], sweeps: 5 }) },
  { name: "tensor train [10, 32]", run: (w) => decompose.tensorTrain(w, { rank: [10, 32] }) },
  { name: "cp 25, 20 sweeps", run: (w) => decompose.cp(w, { rank: 25, sweeps: 20, restarts: 0 }) },
  {
    name: "symmetric cp 25, 20 sweeps",
    run: (w) => decompose.symmetricCp(w, { rank: 25, sweeps: 20, restarts: 0 }),
  },
  { name: "canonical", run: (w) => decompose.canonical(w) },
], quick ? 1 : 5);

measure([3072, 1024, 100], [
  { name: "hosvd", run: (w) => decompose.hosvd(w, { rank: 10 }) },
  {
    name: "eigen, 10 pairs of one output",
    goal: "seconds",
    run: (w) => decompose.eigen(w.output(0), { rank: 10 }),
  },
  ...quick ? [] : [
    {
      name: "cp 20, 5 sweeps",
      run: (w: decompose.Interactions) => decompose.cp(w, { rank: 20, sweeps: 5, restarts: 0 }),
    },
    {
      name: "tucker [10, 10], 2 sweeps",
      run: (w: decompose.Interactions) => decompose.tucker(w, { rank: [10, 10], sweeps: 2 }),
    },
  ],
], 1);
