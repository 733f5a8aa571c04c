import type { Job } from "../job.ts";
import type { Batch, NetworkTask } from "../tasks.ts";

type Reply = Readonly<Record<string, unknown>>;

/** A Python process with the library that a peer needs. */
export interface Python {
  readonly version: string;
  /** A job of serve.py; arrays travel through files. */
  readonly job: <T extends Float32Array | Float64Array>(
    action: string,
    request: Reply,
  ) => Promise<Job<T>>;
  /** Writes an array and says where. */
  readonly file: (data: ArrayBufferView<ArrayBuffer>) => string;
  readonly end: () => void;
}

/** Starts the first Python that has the library, on a fast BLAS. @throws {Error} when there is none. */
export async function python(library: "numpy" | "torch", threads: number): Promise<Python> {
  const reasons: string[] = [];
  for (const command of ["python3", "/usr/bin/python3"]) {
    const process = await start(command, library, threads).catch((error) => {
      reasons.push(`${command}: ${error instanceof Error ? error.message : error}`);
    });
    if (process) return process;
  }
  throw new Error(reasons.join("; "));
}

async function start(command: string, library: string, threads: number): Promise<Python> {
  const child = new Deno.Command(command, {
    args: [new URL("serve.py", import.meta.url).pathname],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    // BLAS has the threads: PyTorch's own fight with those of OpenBLAS
    env: {
      OMP_NUM_THREADS: "1",
      OPENBLAS_NUM_THREADS: `${threads}`,
      MKL_NUM_THREADS: `${threads}`,
    },
  }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  const exchange = async (request: Reply): Promise<Reply> => {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    while (!rest.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("has no numpy, or ended");
      rest += value;
    }
    const [line, ...after] = rest.split("\n");
    rest = after.join("\n");
    const reply = JSON.parse(line!);
    if (reply.error) throw new Error(reply.error);
    return reply;
  };
  let last: Promise<unknown> = Promise.resolve();
  // one question at a time
  const ask = (request: Reply): Promise<Reply> => {
    const reply = last.then(() => exchange(request));
    last = reply.catch(() => {});
    return reply;
  };
  const folder = Deno.makeTempDirSync();
  const end = (): void => {
    child.kill("SIGKILL");
    Deno.removeSync(folder, { recursive: true });
  };
  let files = 0;
  const path = (): string => `${folder}/${files++}`;
  try {
    const { version, blas } = await ask({ action: "open", library });
    if ((blas as string[]).length === 0) {
      throw new Error(`${library} has the reference BLAS: apt-get install libopenblas0`);
    }
    return {
      version: `${version} (${blas})`,
      job: async (action, request) => {
        const { job } = await ask({ action, ...request });
        return {
          time: async (calls) =>
            (await ask({ action: "time", job, calls }))["milliseconds"] as number,
          result: async () => {
            const where = path();
            const { dtype } = await ask({ action: "result", job, path: where });
            const { buffer } = await Deno.readFile(where);
            const made = dtype === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
            return made as never;
          },
          end: () => ask({ action: "end", job }),
        };
      },
      file: (data) => {
        const where = path();
        const { buffer, byteOffset, byteLength } = data;
        Deno.writeFileSync(where, new Uint8Array(buffer, byteOffset, byteLength));
        return where;
      },
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** A network and its five batches, as serve.py takes them. */
export function networkRequest(task: NetworkTask, file: Python["file"]): Reply {
  const { layers, weights, learningRate, weightDecay, rows, inputs: features } = task;
  const batches = Array.from({ length: 5 }, (_, i): Batch => task.batch(i));
  return {
    ...{ layers, learningRate, weightDecay, rows, features },
    weights: weights.map(file),
    batches: batches.map(({ inputs, labels }) => [file(inputs), file(labels)]),
  };
}
