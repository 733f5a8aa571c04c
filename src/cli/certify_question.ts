import { atLeast, atMost, type ClassPairs, radius as radiusOf } from "../guarantee/mod.ts";
import type { Model } from "../nn/mod.ts";
import { formatNumber } from "../report/mod.ts";
import type { certifyFlags } from "./certify_flags.ts";
import { inputAt, type Rows } from "./certify_rows.ts";
import { answerJson, codeOf, sayAnswer } from "./certify_verdicts.ts";
import { sayWritten, writeCertificates } from "./certificates.ts";
import { called, type ClassNames, outputNamed } from "./classes.ts";
import { exitCode } from "./errors.ts";
import type { Values } from "./flags.ts";
import { imageText, table } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

type Given = Values<typeof certifyFlags>;

/** The exact radius of one row, and who is how far. */
export function single(
  pairs: ClassPairs,
  rows: Rows,
  names: ClassNames,
  { index }: Given,
  terminal: Terminal,
): number {
  const { source, labels } = rows, input = inputAt(rows, 0), label = labels[0]!;
  const found = radiusOf(pairs, input, { label }), { radius, lower, rivals, change } = found;
  if (source.image) { for (const line of imageText(input, source.image)) terminal.say(line); }
  if (found.predicted !== label) {
    terminal.say(
      `Row ${index} is ${called(names, label)} and is taken for ${
        called(names, found.predicted)
      }: its radius is 0.`,
    );
  } else {
    terminal.say(
      `Row ${index} keeps ${called(names, label)} within the exact L2 radius ${
        terminal.style.bold(formatNumber(radius, 6))
      }; proven for the network in f32: ${formatNumber(lower, 6)}.`,
    );
    const lines = rivals.map((rival) => [
      called(names, rival.class),
      formatNumber(rival.radius, 6),
      formatNumber(rival.lower, 6),
    ]);
    for (const line of table(["rival", "exact radius", "proven"], lines, terminal.style)) {
      terminal.say(line);
    }
  }
  terminal.emit({
    ...{ type: "radius", row: index, label, predicted: found.predicted, radius, lower },
    ...{ rival: found.rival, change: [...change], rivals },
  });
  return exitCode.done;
}

/** Whether an output keeps to a limit, for every input of a ball. */
export async function limit(
  model: Model,
  rows: Rows | undefined,
  names: ClassNames,
  flags: Given,
  terminal: Terminal,
): Promise<number> {
  const most = flags["at-most"], output = outputNamed(flags.output, model, names)!;
  const bound = most ?? flags["at-least"]!, radius = flags.within!;
  const answer = (most === undefined ? atLeast : atMost)(model, {
    ...{ output, limit: bound, radius },
    ...(rows ? { center: inputAt(rows, 0) } : {}),
  });
  const where = rows
    ? `within L2 ${formatNumber(radius, 6)} of row ${flags.index} of ${rows.source.name}`
    : `for every input of length ${formatNumber(radius, 6)} or less`;
  sayAnswer(
    answer,
    `output ${called(names, output)} ${
      most === undefined ? "never falls below" : "never exceeds"
    } ${formatNumber(bound, 6)} ${where}`,
    terminal,
  );
  if (answer.verdict === "certified") {
    terminal.say(
      `  its extreme value is ${
        formatNumber(answer.certificate.end, 6)
      }, and rounding in f32 adds at most ${formatNumber(answer.certificate.error, 2)}`,
    );
  }
  const { certificates: place } = flags, result: Record<string, unknown> = { type: "limit" };
  if (place !== undefined) {
    const found = answer.verdict === "certified" ? [{ certificate: answer.certificate.file }] : [];
    const about = found.map((one) => ({ ...one, row: flags.index }));
    result.certificates = await writeCertificates(place, about, true);
    sayWritten(found.length, place, terminal);
  }
  terminal.emit({ ...result, output, limit: bound, radius, ...answerJson(answer) });
  return codeOf(answer);
}
