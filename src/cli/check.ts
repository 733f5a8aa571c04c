import { type Certificate, check as verify, hashOfInput } from "../guarantee/mod.ts";
import { load } from "../io/mod.ts";
import { formatNumber } from "../report/mod.ts";
import { row } from "../data/mod.ts";
import { readCertificates } from "./certificates.ts";
import { type Command, command } from "./command.ts";
import { CommandError, exitCode } from "./errors.ts";
import { readWhole } from "./files.ts";
import { number, text } from "./flags.ts";
import { oneRow } from "./certify_rows.ts";
import { dataFlags, loadData, type LoadedData } from "./sources.ts";

/** `odot check`: verifies certificates with the independent checker. */
export const check: Command = command({
  name: "check",
  summary: "verify certificates from the weights alone, by a checker of their own",
  usage: "CERTIFICATE MODEL [--index N | --input FILE]",
  details:
    "Verifies what odot certify --certificates wrote, of classes, boxes and limits: a file, or a folder\n" +
    "of them. The checker shares no solver with what made them; a certificate, model or input that was\n" +
    "changed is rejected. The input is the row that --index names, or the numbers in a file; unless given,\n" +
    "the test row that a certificate says it is about is looked for by its hash. A limit about the origin\n" +
    "needs no input.\n\n" +
    "Exit codes: 0 all certified, 4 one or more prove nothing.",
  examples: [
    "check row-17.json digits.safetensors",
    "check proofs digits.safetensors --data ./mnist",
    "check proof.json flowers.safetensors --input petals.txt",
  ],
  flags: {
    ...dataFlags,
    index: number("row of the test data that the certificate is about", {
      ...{ initial: undefined, least: 0, whole: true },
    }),
    input: text("file with the numbers of the input, as JSON or between spaces, commas or lines", {
      ...{ placeholder: "FILE", initial: undefined, completion: "file" },
    }),
  },
  positional: "CERTIFICATE MODEL",
  run: async ({ flags, argument: path, second }, terminal) => {
    const found = await readCertificates(path);
    const model = await readWhole(second, "give the model that the certificate is about");
    const given = flags.input === undefined ? undefined : await readNumbers(flags.input);
    const origins = given ? [] : found.map(({ certificate }) => originOf(certificate, model));
    const needless = given || (flags.index === undefined && origins.every((origin) => origin));
    const test = needless ? undefined : (await loadData(flags.data, flags)).test;
    const hashes = new Map<string, number>();
    let proven = 0;
    for (const [i, { row: named, certificate }] of found.entries()) {
      const origin = flags.index === undefined ? origins[i] : undefined;
      const at = origin
        ? undefined
        : test && (flags.index ?? rowOf(test, hashes, certificate, named));
      const input = given ?? origin ?? oneRow(test!, at!).inputs;
      const { verdict, ...more } = verify(certificate, model, input);
      const where = origin
        ? "the origin"
        : at === undefined
        ? "the given input"
        : `row ${at} of ${test!.name}`;
      if ("slack" in more) {
        proven++;
        terminal.say(
          `${terminal.style.green("certified")}: ${
            claimOf(certificate as Certificate, where)
          }; there is ${formatNumber(more.slack, 2)} to spare.`,
        );
      } else {
        terminal.say(`${terminal.style.red("rejected")} for ${where}: ${more.reason}.`);
      }
      terminal.emit({
        ...{ type: "check", ...(at === undefined ? {} : { row: at }), verdict, ...more },
        ...(verdict === "certified" ? factsOf(certificate as Certificate) : {}),
      });
    }
    if (found.length > 1) terminal.say(`${proven} of ${found.length} certificates hold.`);
    return proven === found.length ? exitCode.done : exitCode.unknown;
  },
});

/** Zeros, where they are what a limit is about: no row of data is. */
function originOf(certificate: unknown, bytes: Uint8Array): Float32Array | undefined {
  const { kind, input } = (certificate ?? {}) as { kind?: unknown; input?: unknown };
  if (kind !== "limit") return undefined;
  const model = load(bytes), zeros = new Float32Array(model.inputs);
  return hashOfInput(zeros) === input ? zeros : undefined;
}

/** What a certificate that holds says; files of the first version have no kind, and are about classes. */
function claimOf(certificate: Certificate, where: string): string {
  const radius = formatNumber(certificate.radius, 6);
  if (certificate.kind === "limit") {
    const { output, limit, side } = certificate;
    const verb = side === "atMost" ? "exceeds" : "falls below";
    return `output ${output} never ${verb} ${
      formatNumber(limit, 6)
    } within L2 radius ${radius} of ${where}`;
  }
  if (certificate.kind !== "box") {
    return `${where} keeps class ${certificate.label} within L2 radius ${radius}`;
  }
  const [low, high] = certificate.domain;
  const kept = low === null && high === null
    ? ""
    : ` and values of ${low ?? "−∞"} to ${high ?? "∞"}`;
  return `${where} keeps class ${certificate.label} within L∞ radius ${radius}${kept}`;
}

function factsOf(certificate: Certificate): Record<string, unknown> {
  const { kind = "class", radius } = certificate;
  if (certificate.kind !== "limit") return { kind, label: certificate.label, radius };
  const { output, side, limit } = certificate;
  return { kind, output, side, limit, radius };
}

/** The row that a certificate is about: the one that is named, else the one that has its hash. */
function rowOf(
  test: LoadedData["test"],
  hashes: Map<string, number>,
  certificate: unknown,
  named: number | undefined,
): number {
  const { input } = (certificate ?? {}) as { input?: unknown };
  const fits = (at: number): boolean => hashOfInput(row(test, at)) === input;
  if (named !== undefined && named < test.count && fits(named)) return named;
  if (hashes.size === 0) {
    for (let i = 0; i < test.count; i++) hashes.set(hashOfInput(row(test, i)), i);
  }
  const found = hashes.get(String(input)) ?? named;
  if (found !== undefined && found < test.count) return found;
  throw new CommandError(
    `Cannot check: no row of ${test.name} is the input of this certificate; give --data, --index or --input`,
  );
}

/** Numbers in a text file. @throws {CommandError} when it holds anything else. */
async function readNumbers(path: string): Promise<Float32Array> {
  const bytes = await readWhole(path, "give a file of numbers");
  const words = new TextDecoder().decode(bytes).split(/[\s,;[\]]+/).filter((word) => word !== "");
  const values = Float32Array.from(words, Number);
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0 || values.length === 0) {
    throw new CommandError(
      `Cannot read the input in ${path}: ${
        wrong < 0 ? "it is empty" : `"${words[wrong]!.slice(0, 20)}" is no finite number`
      }`,
    );
  }
  return values;
}
