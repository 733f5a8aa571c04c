/**
 * Models of LiteRT written by hand: the fields of its public schema (schema.fbs, version 3) that fully
 * connected layers and element-wise products need, by number.
 *
 * @module
 */
import { bring } from "./peer.ts";

/** What is used of the npm package `flatbuffers`. */
interface Builder {
  space: number;
  readonly bb: { readonly setPosition: (at: number) => void; readonly bytes: () => Uint8Array };
  readonly startObject: (fields: number) => void;
  readonly addFieldInt32: (field: number, value: number, ifAbsent: number) => void;
  readonly addFieldInt8: (field: number, value: number, ifAbsent: number) => void;
  readonly addFieldOffset: (field: number, value: number, ifAbsent: number) => void;
  readonly endObject: () => number;
  readonly startVector: (size: number, count: number, alignment: number) => void;
  readonly addInt32: (value: number) => void;
  readonly addOffset: (offset: number) => void;
  readonly endVector: () => number;
  readonly createString: (text: string) => number;
  readonly finish: (root: number, identifier: string) => void;
  readonly asUint8Array: () => Uint8Array<ArrayBuffer>;
}

/** A tensor of floats: a constant where it has data. */
export interface LiteTensor {
  readonly shape: readonly number[];
  readonly data?: Float32Array;
}

/** An operation on tensors by index. */
export interface LiteNode {
  readonly operation: "fullyConnected" | "multiply";
  readonly inputs: readonly number[];
  readonly output: number;
}

// numbers of BuiltinOperator and BuiltinOptions
const OPERATIONS = {
  fullyConnected: { operator: 9, options: 8 },
  multiply: { operator: 18, options: 21 },
} as const;
const KINDS = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];

/** The bytes of a model; its first tensor is the input, its last the output. */
export async function liteModel(
  tensors: readonly LiteTensor[],
  nodes: readonly LiteNode[],
): Promise<Uint8Array<ArrayBuffer>> {
  const flat = await bring<{ Builder: new (size: number) => Builder }>("npm:flatbuffers@25.9.23");
  const b = new flat.Builder(1 << 20);
  // fields are given as [number, value]; those of one table cannot be written inside another
  const table = (
    { bytes = [], integers = [], offsets = [] }: Partial<
      Record<"bytes" | "integers" | "offsets", readonly (readonly [number, number])[]>
    >,
  ): number => {
    b.startObject(10);
    for (const [field, value] of integers) b.addFieldInt32(field, value, 0);
    for (const [field, value] of offsets) b.addFieldOffset(field, value, 0);
    for (const [field, value] of bytes) b.addFieldInt8(field, value, 0);
    return b.endObject();
  };
  // a builder writes backwards
  const offsets = (all: readonly number[]): number => {
    b.startVector(4, all.length, 4);
    for (const one of [...all].reverse()) b.addOffset(one);
    return b.endVector();
  };
  const integers = (all: readonly number[]): number => {
    b.startVector(4, all.length, 4);
    for (const one of [...all].reverse()) b.addInt32(one);
    return b.endVector();
  };
  const weights = (data: Float32Array): number => {
    b.startVector(1, data.byteLength, 16);
    b.bb.setPosition(b.space -= data.byteLength);
    b.bb.bytes().set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), b.space);
    return b.endVector();
  };
  const constants = tensors.filter(({ data }) => data);
  // buffer 0 is empty: that of everything that is computed
  const buffers = [
    table({}),
    ...constants.map(({ data }) => {
      const made = weights(data!);
      return table({ offsets: [[0, made]] });
    }),
  ];
  const made = tensors.map((tensor, i) => {
    const shape = integers(tensor.shape), name = b.createString(`t${i}`);
    const buffer = constants.indexOf(tensor) + 1;
    return table({ offsets: [[0, shape], [3, name]], integers: [[2, buffer]] });
  });
  const operators = nodes.map(({ operation, inputs, output }) => {
    const [from, to, options] = [integers(inputs), integers([output]), table({})];
    return table({
      integers: [[0, KINDS.indexOf(operation)]],
      offsets: [[1, from], [2, to], [4, options]],
      bytes: [[3, OPERATIONS[operation].options]],
    });
  });
  const all = offsets(made), first = integers([0]), last = integers([tensors.length - 1]);
  const run = offsets(operators);
  const graph = offsets([table({ offsets: [[0, all], [1, first], [2, last], [3, run]] })]);
  const codes = offsets(KINDS.map((kind) => {
    const { operator } = OPERATIONS[kind];
    return table({ bytes: [[0, operator]], integers: [[2, 1], [3, operator]] });
  }));
  const stored = offsets(buffers);
  b.finish(
    table({ integers: [[0, 3]], offsets: [[1, codes], [2, graph], [4, stored]] }),
    "TFL3",
  );
  return b.asUint8Array();
}
