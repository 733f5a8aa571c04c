import {
  describeShape,
  FormatError,
  PACKED,
  quote,
  readSafetensors,
  type TensorData,
  toFloat32,
  writeSafetensors,
} from "../formats/mod.ts";
import {
  allShapes,
  checkModelConfig,
  fromConfig,
  type LayerConfig,
  type Model,
  type ModelConfig,
  sequential,
} from "../nn/mod.ts";

/** Key and version of the architecture in the metadata of a file. */
const KEY = "odot.model", VERSION_KEY = "odot.version", VERSION = "1";

/**
 * Architecture and weights of a model as safetensors bytes: F32 tensors under their parameter names,
 * the architecture as JSON in the metadata.
 *
 * @example
 * ```ts
 * import { io, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 2)], { seed: 1 });
 * const copy = io.load(io.save(model));
 * console.log(copy.predict([1, 2, 3, 4])); // the same two numbers as model.predict gives
 * ```
 */
export function save(
  model: Model,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, TensorData> = {};
  for (const [name, parameter] of model.parameters) {
    tensors[name] = { dtype: "F32", shape: parameter.shape, data: parameter.toArray() };
  }
  return writeSafetensors(tensors, {
    ...metadata,
    [VERSION_KEY]: VERSION,
    [KEY]: JSON.stringify(model.config),
  });
}

/**
 * A model from the bytes that {@linkcode save} made. Files of other programs have no architecture:
 * read those with `readSafetensors` and hand their tensors to `model.assign`.
 *
 * @throws {FormatError} when the bytes are no safetensors file, hold no odot model, come from another
 * version, or weights are missing, too many, of a wrong shape or not finite.
 */
export function load(bytes: Uint8Array, options: { name?: string } = {}): Model {
  const source = options.name ?? "bytes";
  const { tensors: all, metadata } = readSafetensors(bytes, options);
  const tensors = "odot.checkpoint" in metadata ? ofModel(all) : all;
  const text = metadata[KEY];
  if (text === undefined) {
    throw new FormatError(
      `Cannot load a model from ${source}: its metadata has no "${KEY}"; make the model with nn.sequential and assign() the tensors of readSafetensors (${
        Object.keys(tensors).slice(0, 4).map((name) => quote(name)).join(", ")
      })`,
      { source },
    );
  }
  if (PACKED.key in metadata) {
    throw new FormatError(
      `Cannot load a model from ${source}: it is packed for the edge; use load of odot's ./edge, or the file it was made from`,
      { source },
    );
  }
  if (metadata[VERSION_KEY] !== VERSION) {
    throw new FormatError(
      `Cannot load a model from ${source}: version ${
        show(metadata[VERSION_KEY])
      } of the format, and this odot reads ${VERSION}`,
      { source },
    );
  }
  const { layers } = architecture(text, source);
  checkTensors(layers, tensors, source);
  const model = sequential(layers.map(fromConfig));
  try {
    model.assign(
      Object.fromEntries(
        Object.entries(tensors).map(([name, found]) => [
          name,
          { shape: found.shape, data: toFloat32(found) },
        ]),
      ),
    );
  } catch (error) {
    model[Symbol.dispose]();
    throw new FormatError(`Cannot load a model from ${source}: ${(error as Error).message}`, {
      source,
      cause: error,
    });
  }
  return model;
}

/** The tensors of a checkpoint that are the model's. */
function ofModel(
  tensors: Readonly<Record<string, TensorData>>,
): Record<string, TensorData> {
  return Object.fromEntries(
    Object.entries(tensors).filter(([name]) => !/^(optimizer|best)\//.test(name)),
  );
}

/** A value of the metadata as text, fit for a message, however hostile. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function architecture(text: string, source: string): ModelConfig {
  try {
    return checkModelConfig(JSON.parse(text));
  } catch (error) {
    const why = error instanceof SyntaxError
      ? `the architecture in "${KEY}" is no JSON`
      : (error as Error).message;
    throw new FormatError(`Cannot load a model from ${source}: ${why}`, { source, cause: error });
  }
}

/** Compares the tensors with what the architecture needs, before any memory is taken for it. */
function checkTensors(
  configs: readonly LayerConfig[],
  tensors: Readonly<Record<string, TensorData>>,
  source: string,
): void {
  const wanted = allShapes(configs);
  for (const [name, needed] of wanted) {
    const shape = `[${needed.join(", ")}]`;
    const found = tensors[name];
    if (!found) {
      throw new FormatError(
        `Cannot load a model from ${source}: tensor "${name}" ${shape} is missing`,
        {
          source,
        },
      );
    }
    const foundShape = describeShape(found.shape);
    if (foundShape !== shape) {
      throw new FormatError(
        `Cannot load a model from ${source}: "${name}" is ${foundShape}, and the architecture needs ${shape}`,
        { source },
      );
    }
  }
  const extra = Object.keys(tensors).find((name) => !wanted.has(name));
  if (extra !== undefined) {
    throw new FormatError(
      `Cannot load a model from ${source}: it has no parameter for tensor ${quote(extra)}`,
      { source },
    );
  }
}
