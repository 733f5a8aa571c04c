import process from "node:process";
import { exitCode } from "./errors.ts";

/** Whether Ctrl-C was pressed. */
export interface Interrupt {
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Lets signals and output through. */
  breathe(): Promise<void>;
  /** Gives Ctrl-C back to the system. */
  release(): void;
}

/** Catches the first Ctrl-C, so that work can be saved; the second ends the process at once. */
export function watchInterrupt(): Interrupt {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) process.exit(exitCode.interrupted);
    controller.abort();
  };
  process.on("SIGINT", listener);
  return {
    signal: controller.signal,
    breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
    release: () => process.off("SIGINT", listener),
  };
}
