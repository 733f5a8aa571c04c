import {
  FormatError,
  readSafetensors,
  type TensorData,
  toFloat32,
  writeSafetensors,
} from "../formats/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { Optimizer, OptimizerCounters, Schedule } from "../optim/mod.ts";
import type { Position } from "./position.ts";

/** Everything that training is between two steps. */
export interface TrainingState {
  readonly model: Model;
  readonly optimizer: Optimizer;
  readonly schedule?: Schedule;
  readonly position: Position;
  /**
   * Whatever else must be the same when training goes on, such as batch size, noise and the name of the
   * data: {@linkcode restore} compares it.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What a checkpoint says besides its tensors. */
interface Header {
  readonly optimizer: Readonly<Record<string, unknown>>;
  readonly counters: OptimizerCounters;
  readonly schedule: Readonly<Record<string, unknown>> | null;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly position: Position;
}

const VERSION = "1", VERSION_KEY = "odot.checkpoint", HEADER_KEY = "odot.training";
/** Prefix of the optimizer's tensors; the model's have their own names, so that io.load reads them. */
const PREFIX = "optimizer/";

/**
 * A checkpoint as safetensors bytes: weights, optimizer, schedule, random state and position. Training
 * that goes on from it gives the same bits as training that never stopped; `io.load` reads the model in it.
 *
 * @example
 * ```ts
 * import { data, nn, optim, train } from "@odot/odot";
 * const xor = data.dataset({ inputs: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), labels: [0, 1, 1, 0] });
 * const make = () => {
 *   const model = nn.sequential([nn.bilinear(2, 4), nn.linear(4, 2)], { seed: 1 });
 *   return { model, optimizer: optim.adamw(model, { learningRate: 0.05 }) };
 * };
 * const first = make();
 * let bytes = new Uint8Array();
 * for (const { epoch, position } of train.fit(first.model, xor, { ...first, epochs: 20 })) {
 *   if (epoch === 10) bytes = train.checkpoint({ ...first, position });
 * }
 * const second = make();
 * const from = train.restore(bytes, second);
 * for (const _ of train.fit(second.model, xor, { ...second, epochs: 20, from }));
 * console.log(first.model.predict([0, 1]), second.model.predict([0, 1])); // the same bits
 * ```
 */
export function checkpoint(state: TrainingState): Uint8Array<ArrayBuffer> {
  const { model, optimizer, schedule, position, settings = {} } = state;
  const tensors: Record<string, TensorData> = {};
  for (const [name, parameter] of model.parameters) {
    tensors[name] = { dtype: "F32", shape: parameter.shape, data: parameter.toArray() };
  }
  for (const [name, moment] of optimizer.state) {
    tensors[PREFIX + name] = { dtype: "F32", shape: moment.shape, data: moment.toArray() };
  }
  const header: Header = {
    optimizer: optimizer.config,
    counters: optimizer.counters,
    schedule: schedule?.config ?? null,
    settings,
    position,
  };
  return writeSafetensors(tensors, {
    "odot.version": "1",
    "odot.model": JSON.stringify(model.config),
    [VERSION_KEY]: VERSION,
    [HEADER_KEY]: JSON.stringify(header),
  });
}

/**
 * Sets model and optimizer to a checkpoint, and says where training goes on (the option `from` of fit).
 * Nothing changes on an error.
 *
 * @throws {FormatError} when the bytes are no checkpoint, or one of another model, optimizer, schedule or
 * settings: the message says what differs.
 */
export function restore(
  bytes: Uint8Array,
  state: Omit<TrainingState, "position">,
  options: { readonly name?: string } = {},
): Position {
  const source = options.name ?? "bytes";
  const refuse = (why: string, cause?: unknown): never => {
    throw new FormatError(`Cannot resume from ${source}: ${why}`, { source, cause });
  };
  const { tensors, metadata } = readSafetensors(bytes, options);
  const version = metadata[VERSION_KEY], text = metadata[HEADER_KEY];
  if (version === undefined || text === undefined) {
    return refuse("it is no checkpoint; a model alone has no optimizer and no position");
  }
  if (version !== VERSION) {
    return refuse(`version ${version.slice(0, 20)} of the format, and this odot reads ${VERSION}`);
  }
  const { model, optimizer, schedule, settings = {} } = state;
  const header = headerOf(text) ?? refuse("its training state is damaged");
  const found = parse(metadata["odot.model"] ?? "null");
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ["model", found, model.config],
    ["optimizer", header.optimizer, optimizer.config],
    ["schedule", header.schedule, schedule?.config ?? null],
    ["settings", header.settings, settings],
  ];
  for (const [what, then, now] of compared) {
    const difference = differ(then, parse(JSON.stringify(now)), what);
    if (difference) refuse(`${difference}; train with the same settings, or begin anew`);
  }
  const weights: Record<string, TensorData> = {}, moments: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith(PREFIX)) moments[name.slice(PREFIX.length)] = toFloat32(tensor);
    else weights[name] = tensor;
  }
  const missing = [...model.parameters.keys()].find((name) => !(name in weights));
  if (missing !== undefined) refuse(`tensor "${missing}" is missing`);
  const before = [...model.parameters].map(([name, tensor]) => [name, tensor.toArray()] as const);
  try {
    model.assign(weights);
    optimizer.restore(header.counters, moments);
  } catch (error) {
    model.assign(Object.fromEntries(before));
    refuse((error as Error).message, error);
  }
  return header.position;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The header, if every number in it is one. */
function headerOf(text: string): Header | undefined {
  const header = parse(text) as Partial<Header> | null | undefined;
  const { counters, position } = header ?? {};
  const whole = [
    ...[counters?.steps, counters?.pending, position?.epoch, position?.stepInEpoch],
    ...[position?.step, position?.right],
    ...[position?.random?.seed, position?.random?.stream, position?.random?.position],
  ];
  const finite = [counters?.learningRate, position?.lossSum];
  const sound = whole.every((value) => Number.isSafeInteger(value) && value! >= 0) &&
    finite.every((value) => Number.isFinite(value));
  return sound ? header as Header : undefined;
}

/** The first place where two values of JSON differ, in words. */
function differ(then: unknown, now: unknown, path: string): string | undefined {
  if (Object.is(then, now)) return undefined;
  const both = [then, now];
  if (both.every((value) => typeof value === "object" && value !== null)) {
    const [a, b] = both as Record<string, unknown>[];
    const keys = new Set([...Object.keys(a!), ...Object.keys(b!)]);
    for (const key of keys) {
      const found = differ(a![key], b![key], `${path}.${key}`);
      if (found) return found;
    }
    return undefined;
  }
  const show = (value: unknown): string => (JSON.stringify(value) ?? "absent").slice(0, 80);
  return `${path} was ${show(then)} and is now ${show(now)}`;
}
