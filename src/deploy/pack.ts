import type { Dataset } from "../data/mod.ts";
import { eigen, interactions } from "../decompose/mod.ts";
import {
  type Precision,
  sequenceLayer,
  type TensorData,
  writePackedModel,
} from "../formats/mod.ts";
import { save } from "../io/mod.ts";
import { fromConfig, type Model, sequential } from "../nn/mod.ts";
import { compare, type Comparison } from "./compare.ts";
import { storeMatrix } from "./quantize.ts";

/** Options of {@linkcode pack}. */
export interface PackOptions {
  /** How matrices are stored; `f32`, which changes nothing, unless said. Biases stay in f32. */
  readonly precision?: Precision;
  /** Eigenvectors of every output to put beside the weights, for `explain`; 0 unless said. */
  readonly eigenvectors?: number;
  /** Data on which to measure what packing changes. */
  readonly on?: Dataset;
  /** More text for the file, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A packed model, and what packing did to it. */
export interface Packed {
  /** The file, for `load` of odot's `./edge`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its size, bytes. */
  readonly size: number;
  /** Size of the same model from `io.save`, bytes. */
  readonly savedSize: number;
  /** How matrices are stored. */
  readonly precision: Precision;
  /** Eigenvectors that every output has in the file. */
  readonly eigenvectors: number;
  /** Largest |weight − packed weight|, in the weights' unit. */
  readonly largestError: number;
  /** ‖weights − packed weights‖ / ‖weights‖ over all parameters, dimensionless. */
  readonly relativeError: number;
  /** What changed on the data of `on`; undefined without them. */
  readonly accuracy: Comparison | undefined;
}

/**
 * A small file of a model for the edge. Eigenvectors are those of the weights as they are packed, by
 * |eigenvalue|, so that explanations tell of the model that runs; outputs of a lower rank are filled up
 * with zeros.
 *
 * @throws {RangeError} when a weight is too large for f16, an eigenvalue for f32, or the number of
 * eigenvectors is no whole number ≥ 0; {TypeError} when eigenvectors are asked of a model that is not linear layers around one bilinear
 * layer, or the model has a layer that takes sequences.
 * @example
 * ```ts
 * import { deploy, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(64, 16), nn.linear(16, 10)], { seed: 1 });
 * const { bytes, relativeError } = deploy.pack(model, { precision: "int8", eigenvectors: 4 });
 * console.log(bytes.length, relativeError);
 * ```
 */
export function pack(model: Model, options: PackOptions = {}): Packed {
  const { precision = "f32", eigenvectors = 0, on, metadata = {} } = options;
  if (precision !== "f32" && precision !== "f16" && precision !== "int8") {
    throw new RangeError(`Cannot pack in precision "${precision}": choose f32, f16 or int8`);
  }
  if (!Number.isSafeInteger(eigenvectors) || eigenvectors < 0) {
    throw new RangeError(`Cannot pack ${eigenvectors} eigenvectors: give a whole number ≥ 0`);
  }
  refuseSequences(model);
  const tensors: Record<string, TensorData> = {}, read: Record<string, Float32Array> = {};
  let largest = 0, error = 0, total = 0;
  for (const [name, parameter] of model.parameters) {
    const values = parameter.toArray() as Float32Array, { shape } = parameter;
    const [rows, columns] = shape;
    if (rows !== undefined && columns !== undefined) {
      const stored = storeMatrix(name, [rows, columns], values, precision);
      Object.assign(tensors, stored.tensors);
      read[name] = stored.values;
    } else {
      tensors[name] = { dtype: "F32", shape, data: values };
      read[name] = values;
    }
    values.forEach((value, i) => {
      const difference = value - read[name]![i]!;
      largest = Math.max(largest, Math.abs(difference));
      error += difference * difference;
      total += value * value;
    });
  }
  if (eigenvectors > 0) Object.assign(tensors, eigenTensors(model, read, eigenvectors, precision));
  const bytes = writePackedModel({ config: model.config, precision, tensors, metadata });
  return {
    bytes,
    size: bytes.length,
    savedSize: save(model).length,
    precision,
    eigenvectors: tensors["eigen.values"]?.shape[1] ?? 0,
    largestError: largest,
    relativeError: total === 0 ? 0 : Math.sqrt(error / total),
    accuracy: on && compare(model, bytes, on),
  };
}

function refuseSequences({ config }: Model): void {
  const found = sequenceLayer(config.layers);
  if (!found) return;
  throw new TypeError(
    `Cannot pack a model with a layer of type ${found}, which takes sequences: the edge runs models of rows of numbers; save it with io.save`,
  );
}

/** Eigenvectors of the weights as they were read back. */
function eigenTensors(
  model: Model,
  read: Readonly<Record<string, Float32Array>>,
  rank: number,
  precision: Precision,
): Readonly<Record<string, TensorData>> {
  const packed = sequential(model.layers.map(({ config }) => fromConfig(config)));
  try {
    packed.assign(read);
    const whole = interactions(packed), { inputs, outputs } = whole;
    const parts = Array.from({ length: outputs }, (_, o) => eigen(whole.output(o), { rank }));
    const count = Math.max(...parts.map(({ values }) => values.length));
    const values = new Float32Array(outputs * count);
    const vectors = new Float32Array(outputs * count * inputs);
    const linear = new Float32Array(outputs * inputs), constant = new Float32Array(outputs);
    parts.forEach((part, o) => {
      values.set(part.values, o * count);
      vectors.set(part.vectors.data, o * count * inputs);
      linear.set(part.linear, o * inputs);
      constant[o] = part.constant;
    });
    [values, linear, constant].forEach((numbers) => {
      const at = numbers.findIndex((value) => !Number.isFinite(value));
      if (at < 0) return;
      const output = Math.floor(at / (numbers.length / outputs));
      throw new RangeError(
        `Cannot pack eigenvectors: what belongs to those of output ${output} exceeds the largest f32; scale the weights down, or pack none`,
      );
    });
    const affine = constant.some((value) => value !== 0) || linear.some((value) => value !== 0);
    return {
      "eigen.values": { dtype: "F32", shape: [outputs, count], data: values },
      ...storeMatrix("eigen.vectors", [outputs * count, inputs], vectors, precision).tensors,
      ...(affine && {
        "eigen.linear": { dtype: "F32", shape: [outputs, inputs], data: linear },
        "eigen.constant": { dtype: "F32", shape: [outputs], data: constant },
      }),
    };
  } finally {
    packed[Symbol.dispose]();
  }
}
