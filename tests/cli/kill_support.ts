// Kills `odot train` at random moments and goes on from its checkpoint: shared by a test and a bench.
import { io } from "../../mod.ts";
import { command, run } from "../support/cli.ts";

/** A training that takes long enough to be killed in, in a folder. */
export function trainingIn(folder: string, name: string): string[] {
  return [
    ...["train", "--task", "modular-addition:11", "--hidden", "16", "--epochs", "20"],
    ...["--batch", "16", "--noise", "0.05", "--seed", "5", "--every", "0", "--keep", "best"],
    ...["--kernels", "strict", "--out", `${folder}/${name}.safetensors`],
  ];
}

/** SHA-256 of a file. */
export async function sha256(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What a series of kills gave. */
export interface Kills {
  /** Processes that were killed before they were done. */
  readonly killed: number;
  /** Kills after which the checkpoint was whole, or the same as before, or there was none yet. */
  readonly survived: number;
  /** Trainings that were brought to their end. */
  readonly finished: number;
  /** Of these, how many ended with the bytes of the training that was never killed. */
  readonly equal: number;
  /** What went wrong. */
  readonly problems: readonly string[];
}

/**
 * Starts trainings, kills them at random moments (`random` gives numbers from 0 to 1), resumes them until
 * they are done, and compares their models with that of one that was never killed.
 */
export async function killTrainings(
  folder: string,
  { kills, random, progress }: {
    readonly kills: number;
    readonly random: () => number;
    readonly progress?: (killed: number) => void;
  },
): Promise<Kills> {
  const whole = trainingIn(folder, "whole"), start = performance.now();
  const { code, stderr } = await run(whole);
  if (code !== 0) throw new Error(stderr);
  const time = performance.now() - start;
  const expected = await sha256(`${folder}/whole.safetensors`);
  let killed = 0, survived = 0, finished = 0, equal = 0;
  const problems: string[] = [];
  for (let training = 0; killed < kills; training++) {
    const name = `t${training}`, args = trainingIn(folder, name);
    const out = `${folder}/${name}.safetensors`;
    const checkpoint = `${folder}/${name}.checkpoint.safetensors`;
    for (let done = false; !done;) {
      const child = command([...args, ...(isThere(checkpoint) ? ["--resume"] : [])]).spawn();
      const outputs = child.output();
      const wait = killed < kills ? (0.1 + 0.8 * random()) * time : Infinity;
      const timer = wait < Infinity
        ? setTimeout(() => {
          try {
            child.kill("SIGKILL");
          } catch {
            // it was done before
          }
        }, wait)
        : undefined;
      const { code, signal, stderr } = await outputs;
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        killed++;
        progress?.(killed);
        try {
          if (isThere(checkpoint)) io.load(await Deno.readFile(checkpoint))[Symbol.dispose]();
          survived++;
        } catch (error) {
          problems.push(String(error));
          done = true;
        }
        // killed between the end and the removal of the checkpoint: the model is there, and whole
        continue;
      }
      done = true;
      if (code !== 0) {
        problems.push(new TextDecoder().decode(stderr));
        continue;
      }
      finished++;
      if (await sha256(out) === expected) equal++;
      else problems.push(`${name} ended with other bytes`);
    }
  }
  return { killed, survived, finished, equal, problems };
}

/** Numbers from 0 to 1 from a seed. */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
