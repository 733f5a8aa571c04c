import process from "node:process";
import { exitCode } from "./errors.ts";

/** Whether Ctrl-C was pressed. */
export interface Interrupt {
  readonly requested: boolean;
  /** Lets signals and output through. */
  breathe(): Promise<void>;
  /** Gives Ctrl-C back to the system. */
  release(): void;
}

/** Catches the first Ctrl-C, so that work can be saved; the second ends the process at once. */
export function watchInterrupt(): Interrupt {
  let requested = false;
  const listener = (): void => {
    if (requested) process.exit(exitCode.interrupted);
    requested = true;
  };
  process.on("SIGINT", listener);
  return {
    get requested(): boolean {
      return requested;
    },
    breathe: () => new Promise((resolve) => setTimeout(resolve, 0)),
    release: () => process.off("SIGINT", listener),
  };
}
