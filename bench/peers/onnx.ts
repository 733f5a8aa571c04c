/**
 * ONNX graphs written by hand: just enough of its protocol buffers (onnx.proto, version 1.16) for products
 * and for the reference model.
 *
 * @module
 */

type Bytes = readonly number[] | Uint8Array;

/** A constant of the graph: its weights. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** An operation: `Gemm` (with its transposes), `MatMul` or `Mul`. */
export interface OnnxNode {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Whole numbers by name, such as `transB`. */
  readonly attributes?: Readonly<Record<string, number>>;
}

/** A tensor that is fed or fetched. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
}

const FLOAT = 1, INT = 2, OPSET = 13, IR_VERSION = 8;
const text = new TextEncoder();

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

function joined(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** A field of bytes, of text or of another message. */
function field(number: number, ...content: readonly (Bytes | string)[]): Uint8Array<ArrayBuffer> {
  const body = joined(content.map((part) => typeof part === "string" ? text.encode(part) : part));
  return joined([varint(number * 8 + 2), varint(body.length), body]);
}

/** A field of a whole number. */
function whole(number: number, value: number): number[] {
  return [...varint(number * 8), ...varint(value)];
}

function valueInfo(number: number, { name, shape }: OnnxValue): Uint8Array<ArrayBuffer> {
  const dimensions = field(2, ...shape.map((size) => field(1, whole(1, size))));
  return field(number, field(1, name), field(2, field(1, whole(1, FLOAT), dimensions)));
}

function node({ operation, inputs, output, attributes = {} }: OnnxNode): Uint8Array<ArrayBuffer> {
  const settings = Object.entries(attributes).map(([name, value]) =>
    field(5, field(1, name), whole(3, value), whole(20, INT))
  );
  return field(
    1,
    ...inputs.map((name) => field(1, name)),
    field(2, output),
    field(4, operation),
    ...settings,
  );
}

function initializer({ name, shape, data }: Initializer): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const dimensions = joined(shape.map((size) => whole(1, size)));
  return field(5, dimensions, whole(2, FLOAT), field(8, name), field(9, raw));
}

/** The bytes of a model. */
export function onnxModel(graph: {
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly Initializer[];
  readonly inputs: readonly OnnxValue[];
  readonly output: OnnxValue;
}): Uint8Array<ArrayBuffer> {
  return joined([
    whole(1, IR_VERSION),
    field(8, whole(2, OPSET)),
    field(
      7,
      ...graph.nodes.map(node),
      field(2, "graph"),
      ...graph.weights.map(initializer),
      ...graph.inputs.map((input) => valueInfo(11, input)),
      valueInfo(12, graph.output),
    ),
  ]);
}
