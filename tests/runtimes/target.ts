import type { Workspace } from "./workspace.ts";

/** Hashes of what one number of threads computed. */
export interface Hashes {
  readonly threads: number;
  readonly weights: string;
  readonly eigenvalues: string;
  readonly predictions: string;
}

/** What tests/runtimes/program.js found in a runtime. */
export interface Found {
  /** One for each number of threads that there were. */
  readonly threads: readonly Hashes[];
  /** Why there were not more. */
  readonly reason: string;
  /** Hash of what the edge entry computed. */
  readonly edge: string;
  /** The fast kernels beside the strict ones. */
  readonly relaxed?: { readonly kernels: string; readonly difference: number };
}

/** A runtime, or a way in which one takes the package. */
export interface Target {
  readonly name: string;
  version(workspace: Workspace): Promise<string>;
  /** Runs the program; resolves to what it found, or for other checks to a line that says what held. */
  run(workspace: Workspace): Promise<Found | string>;
}

/** Marks the line of a program's output that holds its result. */
export const MARK = "odot-result ";

/** The result in what a program wrote. */
export function resultIn(output: string): Found {
  const line = output.split("\n").find((one) => one.startsWith(MARK));
  if (!line) throw new Error(`no result in: ${output.slice(-400)}`);
  return JSON.parse(line.slice(MARK.length));
}
