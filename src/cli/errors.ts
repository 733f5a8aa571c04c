/** What the process returns to whoever started it. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  refuted: 3,
  unknown: 4,
  interrupted: 130,
} as const;

/** The command line itself was wrong: exit code 2, with a pointer to `--help`. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** A failure whose message says what to do about it: exit code 1. */
export class CommandError extends Error {
  override name = "CommandError";
}

/** One line that says what went wrong. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s*\n\s*/g, " ").trim();
}
