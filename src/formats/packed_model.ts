/**
 * Models as files hold them, for inference: what `io.save` writes, and the smaller files of `deploy.pack`.
 *
 * A packed model is a safetensors file, version 1 of a format of its own:
 *
 * | where | what |
 * | --- | --- |
 * | metadata `odot.packed` | version of the format, `1` |
 * | metadata `odot.model` | the architecture as JSON, as in a saved model |
 * | metadata `odot.precision` | `f32`, `f16` or `int8` |
 * | tensor `0.weight` … | matrices [rows, columns]: F32, F16 or I8 |
 * | tensor `0.weight.scale` … | F32 [rows] beside every I8: weight = scale · whole number |
 * | other parameters | F32 |
 * | tensor `eigen.values` | F32 [outputs, k], the largest by absolute value first; where k > 0 |
 * | tensor `eigen.vectors` | [outputs · k, inputs], stored as the matrices are |
 * | tensor `eigen.linear` | F32 [outputs, inputs], where there are biases |
 * | tensor `eigen.constant` | F32 [outputs], where there are biases |
 *
 * Numbers lie in the file as the kernels read them, so loading is copying.
 */
import {
  allShapes,
  checkModelConfig,
  type LayerConfig,
  type ModelConfig,
  widthAfter,
  widthIn,
} from "./architecture.ts";
import { describeShape, FormatError, quote } from "./errors.ts";
import { writeSafetensors } from "./safetensors.ts";
import { type Header, readHeader, type TensorEntry } from "./safetensors_header.ts";
import type { TensorData } from "./tensor_data.ts";

/** How the matrices of a file are stored. */
export type Precision = "f32" | "f16" | "int8";

/** Keys and version of the metadata. */
export const PACKED = {
  key: "odot.packed",
  version: "1",
  model: "odot.model",
  precision: "odot.precision",
} as const;

/** Key and version of what `io.save` writes. */
const SAVED_KEY = "odot.version", SAVED_VERSION = "1";

/** One tensor where it lies in the file. */
export interface StoredTensor {
  /** Its name in the file. */
  readonly name: string;
  /** Type of its numbers. */
  readonly dtype: "F32" | "F16" | "I8";
  /** Rows; 1 where it has one axis. */
  readonly rows: number;
  /** Numbers in a row. */
  readonly columns: number;
  /** Its bytes, a view on the file. */
  readonly bytes: Uint8Array;
  /** Place of its first byte, in bytes from the start of the file. */
  readonly offset: number;
  /** Factors of the rows, beside I8. */
  readonly scale?: StoredTensor;
}

/** Eigenvectors of every output, beside the weights. */
export interface StoredEigenvectors {
  /** How many every output has. */
  readonly count: number;
  /** F32 [outputs, count]. */
  readonly values: StoredTensor;
  /** [outputs · count, inputs]. */
  readonly vectors: StoredTensor;
  /** F32 [outputs, inputs], where there are biases. */
  readonly linear?: StoredTensor;
  /** F32 [1, outputs], where there are biases. */
  readonly constant?: StoredTensor;
}

/** A model in a file, checked down to its shapes; numbers are not. */
export interface StoredModel {
  /** What it is. */
  readonly config: ModelConfig;
  /** Numbers in an input. */
  readonly inputs: number;
  /** Numbers in an output. */
  readonly outputs: number;
  /** How its matrices are stored. */
  readonly precision: Precision;
  /** Parameters by name. */
  readonly parameters: ReadonlyMap<string, StoredTensor>;
  /** Text by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Eigenvectors, where the file has any. */
  readonly eigen?: StoredEigenvectors;
}

const PRECISIONS: Readonly<Record<string, StoredTensor["dtype"]>> = {
  f32: "F32",
  f16: "F16",
  int8: "I8",
};

/** What a packed model is made of. */
export interface PackedParts {
  /** What the model is. */
  readonly config: ModelConfig;
  /** How its matrices are stored. */
  readonly precision: Precision;
  /** Every tensor of the table above. */
  readonly tensors: Readonly<Record<string, TensorData>>;
  /** More metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The bytes of a packed model. */
export function writePackedModel(parts: PackedParts): Uint8Array<ArrayBuffer> {
  return writeSafetensors(parts.tensors, {
    ...parts.metadata,
    [PACKED.key]: PACKED.version,
    [PACKED.model]: JSON.stringify(parts.config),
    [PACKED.precision]: parts.precision,
  });
}

/**
 * The model in bytes that `io.save` or {@linkcode writePackedModel} made. They are taken for hostile.
 *
 * @throws {FormatError} with the offset of what is wrong.
 */
export function readStoredModel(bytes: Uint8Array, source = "bytes"): StoredModel {
  const header = readHeader(bytes, source), { metadata, metadataAt } = header;
  const refuse = (why: string, offset = 8): never => {
    throw new FormatError(`Cannot load a model from ${source}: ${why}`, { source, offset });
  };
  const text = metadata[PACKED.model];
  if (text === undefined) {
    return refuse(`its metadata has no "${PACKED.model}"; give a file of io.save or deploy.pack`);
  }
  const packed = metadata[PACKED.key] !== undefined;
  const key = packed ? PACKED.key : SAVED_KEY, known = packed ? PACKED.version : SAVED_VERSION;
  const version = metadata[key];
  if (version !== known) {
    refuse(
      `version ${
        version === undefined ? "undefined" : quote(version)
      } of the format, and this odot reads ${known}; save or pack the model again`,
      metadataAt[key],
    );
  }
  const precision = packed ? metadata[PACKED.precision] ?? "" : "f32";
  if (!Object.hasOwn(PRECISIONS, precision)) {
    refuse(
      `precision ${quote(precision)} is none of ${Object.keys(PRECISIONS).join(", ")}`,
      metadataAt[PACKED.precision],
    );
  }
  const at = metadataAt[PACKED.model]!;
  let config: ModelConfig | undefined;
  try {
    config = checkModelConfig(JSON.parse(text));
  } catch (error) {
    const syntax = error instanceof SyntaxError;
    refuse(syntax ? `the architecture is no JSON` : (error as Error).message, at);
  }
  const { layers } = config!;
  const sequence = sequenceLayer(layers);
  if (sequence) {
    refuse(
      `the edge cannot run a layer of type ${sequence}, which takes sequences; run the model with nn: io.load(bytes)`,
      at,
    );
  }
  const inputs = layers.map(widthIn).find((width) => width !== undefined);
  const outputs = widthAfter(layers, undefined);
  if (inputs === undefined || outputs === undefined) return refuse("its layers have no size", at);
  const taken = new Map(header.entries.map((entry) => [entry.name, entry]));
  const take = (name: string, shape: readonly number[], matrix: boolean): StoredTensor => {
    const found = taken.get(name);
    taken.delete(name);
    if (!found) return refuse(`tensor ${quote(name)} ${describeShape(shape)} is missing`, at);
    const dtype = matrix ? PRECISIONS[precision]! : "F32";
    if (found.dtype !== dtype || describeShape(found.shape) !== describeShape(shape)) {
      refuse(
        `${quote(name)} is ${found.dtype}${describeShape(found.shape)}, and must be ${dtype}${
          describeShape(shape)
        }; load it with io.load and save or pack it again`,
        found.at,
      );
    }
    const stored = placed(bytes, header, found, dtype);
    return dtype === "I8"
      ? { ...stored, scale: take(`${name}.scale`, [shape[0]!], false) }
      : stored;
  };
  const parameters = new Map(
    [...allShapes(layers)].map(([name, shape]) => [name, take(name, shape, shape.length === 2)]),
  );
  const values = taken.get("eigen.values"), count = values?.shape[1];
  const eigen = values && {
    count: count!,
    values: take("eigen.values", [outputs, count!], false),
    vectors: take("eigen.vectors", [outputs * count!, inputs], true),
    ...(taken.has("eigen.linear") && { linear: take("eigen.linear", [outputs, inputs], false) }),
    ...(taken.has("eigen.constant") && { constant: take("eigen.constant", [outputs], false) }),
  };
  for (const { name, at: place } of taken.values()) {
    refuse(
      `it has no parameter for tensor ${quote(name)}; of a checkpoint, pack what io.load makes`,
      place,
    );
  }
  return {
    config: config!,
    inputs,
    outputs,
    precision: precision as Precision,
    parameters,
    metadata,
    ...(eigen && { eigen }),
  };
}

/** Type of the first layer that works on sequences, which the edge cannot run; or undefined. */
export function sequenceLayer(layers: readonly LayerConfig[]): LayerConfig["type"] | undefined {
  for (const config of layers) {
    if (config.type === "attention" || config.type === "embedding") return config.type;
    const inner = "layers" in config ? sequenceLayer(config.layers) : undefined;
    if (inner) return inner;
  }
  return undefined;
}

function placed(
  bytes: Uint8Array,
  header: Header,
  { name, shape, begin, end }: TensorEntry,
  dtype: StoredTensor["dtype"],
): StoredTensor {
  return {
    name,
    dtype,
    rows: shape.length === 2 ? shape[0]! : 1,
    columns: shape.at(-1)!,
    bytes: bytes.subarray(header.end + begin, header.end + end),
    offset: header.end + begin,
  };
}
