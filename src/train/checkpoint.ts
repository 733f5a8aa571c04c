import {
  FormatError,
  readSafetensors,
  type TensorData,
  toFloat32,
  writeSafetensors,
} from "../formats/mod.ts";
import type { Model } from "../nn/mod.ts";
import type { Optimizer, Schedule } from "../optim/mod.ts";
import type { Best } from "./best.ts";
import { differ, type Header, headerOf, parse } from "./checkpoint_header.ts";
import type { Position } from "./position.ts";

/** Everything that training is between two steps. */
export interface TrainingState {
  /** The network. */
  readonly model: Model;
  /** What updates it. */
  readonly optimizer: Optimizer;
  /** Learning rate over time, where there is one. */
  readonly schedule?: Schedule;
  /** Where training stands. */
  readonly position: Position;
  /** The best weights so far, where {@linkcode keepBest} keeps them. */
  readonly best?: Best;
  /**
   * Whatever else must be the same when training goes on, such as batch size, noise and the name of the
   * data: {@linkcode restore} compares it.
   */
  readonly settings?: Readonly<Record<string, unknown>>;
}

const VERSION = "1", VERSION_KEY = "odot.checkpoint", HEADER_KEY = "odot.state";
/** Prefixes of what is not the model as it is; its tensors have their own names, so that io.load reads them. */
const OPTIMIZER = "optimizer/", BEST = "best/";

/**
 * A checkpoint as safetensors bytes: weights, optimizer, schedule, random state and position. Training
 * that goes on from it gives the same bits as training that never stopped; `io.load` reads the model in it.
 *
 * @throws {RangeError} when a weight is not finite: a checkpoint can always be gone on from.
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
export function checkpoint(
  state: TrainingState,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { model, optimizer, schedule, position, best, settings = {} } = state;
  const tensors: Record<string, TensorData> = {};
  for (const [name, parameter] of model.parameters) {
    const data = parameter.toArray(), bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new RangeError(
        `Cannot make a checkpoint at step ${position.step}: value ${bad} of "${name}" is ${
          data[bad]
        }; go on from an earlier one, with a smaller learning rate`,
      );
    }
    tensors[name] = { dtype: "F32", shape: parameter.shape, data };
  }
  for (const [name, moment] of optimizer.state) {
    tensors[OPTIMIZER + name] = { dtype: "F32", shape: moment.shape, data: moment.toArray() };
  }
  for (const [name, data] of Object.entries(best?.weights ?? {})) {
    tensors[BEST + name] = { dtype: "F32", shape: model.parameters.get(name)!.shape, data };
  }
  const header: Header = {
    optimizer: optimizer.config,
    counters: optimizer.counters,
    schedule: schedule?.config ?? null,
    settings,
    position,
    bestScore: best?.weights ? best.score : null,
  };
  return writeSafetensors(tensors, {
    ...metadata,
    "odot.version": "1",
    "odot.model": JSON.stringify(model.config),
    [VERSION_KEY]: VERSION,
    [HEADER_KEY]: JSON.stringify(header),
  });
}

/**
 * Sets model, optimizer and best weights to a checkpoint, and says where training goes on (the option
 * `from` of fit). Nothing changes on an error.
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
  const { model, optimizer, schedule, best, settings = {} } = state;
  const header = headerOf(text) ?? refuse("its training state is damaged");
  const compared: readonly (readonly [string, unknown, unknown])[] = [
    ["model", parse(metadata["odot.model"] ?? "null"), model.config],
    ["optimizer", header.optimizer, optimizer.config],
    ["schedule", header.schedule, schedule?.config ?? null],
    ["settings", header.settings, settings],
  ];
  for (const [what, then, now] of compared) {
    const difference = differ(then, parse(JSON.stringify(now)), what);
    if (difference) refuse(`${difference}; train with the same settings, or begin anew`);
  }
  const weights: Record<string, TensorData> = {}, kept: Record<string, Float32Array> = {};
  const moments: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (name.startsWith(OPTIMIZER)) moments[name.slice(OPTIMIZER.length)] = toFloat32(tensor);
    else if (name.startsWith(BEST)) kept[name.slice(BEST.length)] = toFloat32(tensor);
    else weights[name] = tensor;
  }
  const missing = [...model.parameters.keys()].find((name) => !(name in weights));
  if (missing !== undefined) refuse(`tensor "${missing}" is missing`);
  // an overflow to infinity can be gone on from, NaN can not
  for (const [name, values] of [...Object.entries(moments), ...Object.entries(kept)]) {
    if (values.some(Number.isNaN)) refuse(`"${name}" of its optimizer or best weights holds NaN`);
  }
  const before = [...model.parameters].map(([name, tensor]) => [name, tensor.toArray()] as const);
  const stateBefore = {
    counters: optimizer.counters,
    moments: Object.fromEntries(
      [...optimizer.state].map(([name, moment]) => [name, moment.toArray()]),
    ),
  };
  try {
    model.assign(weights);
    optimizer.restore(header.counters, moments);
    if (best && header.bestScore !== null) best.resume(header.bestScore, kept);
  } catch (error) {
    // not assign(), which refuses what a model that diverged may hold
    for (const [name, values] of before) model.parameters.get(name)!.set(values);
    optimizer.restore(stateBefore.counters, stateBefore.moments);
    refuse((error as Error).message, error);
  }
  return header.position;
}
