import { supports } from "../../src/kernels/binary.ts";
import { configure, info } from "../../src/kernels/mod.ts";
import { team } from "../../src/kernels/runtime.ts";
import { leakChecked } from "./leaks.ts";

/** A choice of build as configure() takes it. */
export type Choice = "strict" | "fast";

/** Whether this engine can run the relaxed build. */
export const hasRelaxed: boolean = supports("relaxedSimd");

/** Runs `body` with one build of the kernels and goes back to the build before, whatever happens. */
export function withBuild<T>(kernels: Choice, body: () => T): T {
  const before: Choice = info().kernels === "strict" ? "strict" : "fast";
  configure({ kernels });
  try {
    return body();
  } finally {
    configure({ kernels: before });
  }
}

/** Registers `body` as one leak-checked test for each build. */
export function inBothBuilds(name: string, body: (kernels: Choice) => void): void {
  for (const kernels of ["strict", "fast"] as const) {
    leakChecked(`${name} (${kernels})`, () => withBuild(kernels, () => body(kernels)));
  }
}

/** Runs `body` on a number of threads and goes back to the number before, whatever happens. */
export async function withThreads<T>(threads: number, body: () => T | Promise<T>): Promise<T> {
  const before = info().threads;
  configure({ threads });
  try {
    return await body();
  } finally {
    configure({ threads: before });
  }
}

/** Waits until all workers have begun. */
export async function everyWorker(): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (info().threads > 1 && team()!.team.ready() < info().threads - 1) {
    if (Date.now() > deadline) throw new Error("The workers have not begun after 30 seconds");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
