import { certify } from "./certify.ts";
import { check } from "./check.ts";
import type { Command } from "./command.ts";
import { compare } from "./compare.ts";
import { completionsFor } from "./completions.ts";
import { decompose } from "./decompose.ts";
import { demo } from "./demo.ts";
import { evaluate } from "./evaluate.ts";
import { explain } from "./explain.ts";
import { pack } from "./pack.ts";
import { report } from "./report.ts";
import { train } from "./train.ts";

/** Every command, in the order of `odot --help`: what that, and the completions of shells, are made of. */
export const commands: readonly Command[] = [
  ...[demo, train, evaluate, decompose, explain, report],
  ...[certify, check, compare, pack],
  completionsFor(() => commands),
];
