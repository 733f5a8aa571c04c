import { type ModelConfig, nameOfType, type Precision, readStoredModel } from "../formats/mod.ts";
import { edgeBinary, edgeKernels } from "../kernels/edge.ts";
import { arena } from "./arena.ts";
import { explainer, type Explanation, largest } from "./explanation.ts";
import { multiply, program } from "./program.ts";

/** A model that predicts, and explains what it predicts, one row at a time. */
export interface EdgeModel {
  /** What it is, as plain data. */
  readonly config: ModelConfig;
  /** Text that the file carries, by name. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Numbers in an input. */
  readonly inputs: number;
  /** Numbers in an output. */
  readonly outputs: number;
  /** How its matrices are stored. */
  readonly precision: Precision;
  /** Eigenvectors that every output has beside the weights; 0 where there are none. */
  readonly eigenvectors: number;
  /** Memory that it takes, bytes; it never grows. */
  readonly memoryBytes: number;
  /**
   * Outputs [outputs] for one row of inputs [inputs]. The array is the model's own and the next call
   * overwrites it: copy what is to be kept, `model.predict(x).slice()`.
   *
   * @throws {TypeError} for another length; {RangeError} for a value that is not finite.
   */
  predict(values: ArrayLike<number>): Float32Array<ArrayBuffer>;
  /**
   * Predicts, and takes one output apart into what the packed eigenvectors add to it; the class unless
   * said. The object and all in it are the model's own, and the next call overwrites them.
   *
   * @throws {TypeError} for another length, or when no eigenvectors are packed; {RangeError} for a value
   * that is not finite, an output that is too large for f32, or one that there is not.
   */
  explain(values: ArrayLike<number>, options?: { readonly output?: number }): Explanation;
  /**
   * One of the packed eigenvectors [inputs] of an output, in a new array: what {@linkcode Evidence} of this
   * index looks for.
   *
   * @throws {RangeError} when there is no such output or eigenvector.
   */
  eigenvector(output: number, index: number): Float32Array<ArrayBuffer>;
}

/** Options of {@linkcode load}. */
export interface LoadOptions {
  /**
   * The compiled kernels, for hosts that compile nothing themselves; made from {@linkcode kernels}, or the
   * `.wasm` file of the package. Without it those are used that were compiled at import.
   */
  readonly module?: WebAssembly.Module;
  /** Name of the file, for messages. Default: `"bytes"`. */
  readonly name?: string;
}

/**
 * A model from the bytes that `io.save` or `deploy.pack` made. All of its memory is taken here.
 *
 * @throws {FormatError} with the offset of what is wrong, when the bytes are no model, come from another
 * version, are cut short, or hold a layer that takes sequences; {TypeError} when `module` is not the
 * kernels of this version.
 * @example
 * ```ts
 * import { deploy, nn } from "@odot/odot";
 * import { load } from "@odot/odot/edge";
 * const trained = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 2)], { seed: 1 });
 * const { bytes } = deploy.pack(trained, { precision: "int8", eigenvectors: 2 });
 * const model = load(bytes);
 * console.log(model.predict([1, 0, 2, 1]));
 * const { evidence, linear, constant, remainder, logit } = model.explain([1, 0, 2, 1]);
 * console.log(evidence[0], linear + constant + remainder, logit);
 * ```
 */
export function load(bytes: Uint8Array, options: LoadOptions = {}): EdgeModel {
  if (nameOfType(bytes) !== "Uint8Array") {
    throw new TypeError(`Cannot load a model from ${nameOfType(bytes)}; pass a Uint8Array`);
  }
  const source = options.name ?? "bytes";
  const stored = readStoredModel(bytes, source), { inputs, outputs, eigen } = stored;
  const kernels = edgeKernels(options.module), memory = arena(kernels);
  const columns = [...stored.parameters.values()].map((one) => one.columns);
  const scratch = memory.reserve(4 * Math.max(inputs, ...columns));
  const made = program(stored, kernels, {
    ...memory,
    multiply: (weight, x, y) => multiply(kernels, weight, 0, weight.rows, x, y, scratch),
  });
  const { steps } = made;
  const apart = eigen && explainer(eigen, kernels, memory, made.input, scratch);
  memory.fill(source);
  const { buffer } = kernels.memory, logits = new Float32Array(outputs);
  const input = new Float32Array(buffer, made.input, inputs);
  const output = new Float32Array(buffer, made.output, outputs);

  const predict = (values: ArrayLike<number>): Float32Array<ArrayBuffer> => {
    if (values.length !== inputs) {
      throw new TypeError(
        `Cannot predict from ${values.length} values: the model takes one row of ${inputs}`,
      );
    }
    input.set(values);
    const bad = kernels.firstNotFinite(inputs, made.input);
    if (bad < inputs) {
      throw new RangeError(
        `Cannot predict: value ${bad} is ${values[bad]}, and must be finite in f32`,
      );
    }
    for (let i = 0; i < steps.length; i++) steps[i]!();
    logits.set(output);
    return logits;
  };

  const explain = (
    values: ArrayLike<number>,
    options?: { readonly output?: number },
  ): Explanation => {
    if (!apart) {
      throw new TypeError(
        "Cannot explain: the file holds no eigenvectors; pack it with deploy.pack(model, { eigenvectors: 8 })",
      );
    }
    predict(values);
    if (kernels.firstNotFinite(outputs, made.output) < outputs) {
      throw new RangeError(
        "Cannot explain: an output exceeds the largest f32; scale the input down",
      );
    }
    const wanted = options?.output ?? largest(logits);
    if (!inRange(wanted, outputs)) {
      throw new RangeError(`Cannot explain output ${wanted}: the outputs are 0 to ${outputs - 1}`);
    }
    return apart.explain(wanted, logits);
  };

  const eigenvector = (output: number, index: number): Float32Array<ArrayBuffer> => {
    const count = eigen?.count ?? 0;
    if (!apart || !inRange(output, outputs) || !inRange(index, count)) {
      throw new RangeError(
        `Cannot give eigenvector ${index} of output ${output}: there are ${count} of each of ${outputs} outputs`,
      );
    }
    return apart.vector(output, index);
  };

  return {
    config: stored.config,
    metadata: stored.metadata,
    inputs,
    outputs,
    precision: stored.precision,
    eigenvectors: eigen?.count ?? 0,
    memoryBytes: buffer.byteLength,
    predict,
    explain,
    eigenvector,
  };
}

function inRange(index: number, count: number): boolean {
  return Number.isInteger(index) && 0 <= index && index < count;
}

/** The kernels as a WebAssembly binary, for a host that takes them as a file: see {@linkcode load}. */
export function kernels(): Uint8Array<ArrayBuffer> {
  return edgeBinary();
}
