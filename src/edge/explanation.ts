import type { StoredEigenvectors } from "../formats/mod.ts";
import type { EdgeKernels } from "../kernels/edge.ts";
import type { Arena } from "./arena.ts";
import { multiply } from "./program.ts";

/** What one eigenvector adds to a logit at one input. */
export interface Evidence {
  /** Which of the packed eigenvectors of the output, 0 for that of the largest |eigenvalue|. */
  readonly index: number;
  /** λ of the eigenvector. */
  readonly eigenvalue: number;
  /** v·x, how much of the eigenvector the input holds. */
  readonly activation: number;
  /** λ·(v·x)², what it adds to the logit. */
  readonly contribution: number;
}

/** One logit taken apart: evidence + linear + constant + remainder = logit. */
export interface Explanation {
  /** Which output is explained. */
  readonly output: number;
  /** The largest output: the class. */
  readonly prediction: number;
  /** Every output [outputs]: the model's own array, as `predict` returns it. */
  readonly logits: Float32Array<ArrayBuffer>;
  /** The explained output. */
  readonly logit: number;
  /** The packed eigenvectors of the output, the largest |contribution| first. */
  readonly evidence: readonly Evidence[];
  /** What the linear part adds; 0 without biases. */
  readonly linear: number;
  /** The constant part; 0 without biases. */
  readonly constant: number;
  /** What all else adds: eigenvectors that were not packed, and rounding. */
  readonly remainder: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What eigenvectors in the memory of a model are good for. */
export interface Explainer {
  /** Takes apart one output of what was computed last; always the same object. */
  explain(output: number, logits: Float32Array<ArrayBuffer>): Explanation;
  /** One eigenvector [inputs] of an output, in a new array. */
  vector(output: number, index: number): Float32Array<ArrayBuffer>;
}

/** An explainer on eigenvectors in the memory of a model; memory is filled before the first use. */
export function explainer(
  { count, values, vectors, linear, constant }: StoredEigenvectors,
  kernels: EdgeKernels,
  memory: Arena,
  input: number,
  scratch: number,
): Explainer {
  const rows = memory.place(vectors), lambdas = memory.place(values).address;
  const slopes = linear && memory.place(linear);
  const constants = constant && memory.place(constant).address;
  const projections = memory.reserve(4 * (count + 1));
  // pool keeps the order of the eigenvectors, evidence that of their contributions
  const pool = Array.from({ length: count }, (_, index): Mutable<Evidence> => ({
    ...{ index, eigenvalue: 0.5, activation: 0.5, contribution: 0.5 },
  }));
  const evidence = [...pool];
  const result: Mutable<Explanation> = {
    ...{ output: 0, prediction: 0, logits: new Float32Array(0), logit: 0.5, evidence },
    ...{ linear: 0.5, constant: 0.5, remainder: 0.5 },
  };
  let view: Float32Array | undefined;
  const vector = (output: number, index: number): Float32Array<ArrayBuffer> => {
    const { dtype, columns, address, scale } = rows, { buffer } = kernels.memory;
    const row = output * count + index;
    if (dtype === "F32") {
      return new Float32Array(buffer as ArrayBuffer, address + 4 * row * columns, columns).slice();
    }
    const factor = new Float32Array(buffer, scale + 4 * row, 1)[0]!;
    return Float32Array.from(
      new Int8Array(buffer, address + row * columns, columns),
      (whole) => whole * factor,
    );
  };
  const explain = (output: number, logits: Float32Array<ArrayBuffer>): Explanation => {
    // the memory has its final size by now: a view of it stays valid
    view ??= new Float32Array(kernels.memory.buffer);
    multiply(kernels, rows, output * count, count, input, projections, scratch);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const one = pool[i]!, activation = view[projections / 4 + i]!;
      one.eigenvalue = view[lambdas / 4 + output * count + i]!;
      one.activation = activation;
      one.contribution = one.eigenvalue * activation * activation;
    }
    sortByContribution(evidence);
    for (let i = 0; i < count; i++) sum += evidence[i]!.contribution;
    if (slopes) {
      multiply(kernels, slopes, output, 1, input, projections + 4 * count, scratch);
      result.linear = view[projections / 4 + count]!;
    } else result.linear = 0;
    result.constant = constants === undefined ? 0 : view[constants / 4 + output]!;
    result.output = output;
    result.logits = logits;
    result.logit = logits[output]!;
    result.prediction = largest(logits);
    result.remainder = result.logit - (sum + result.linear + result.constant);
    if (!Number.isFinite(result.remainder)) {
      throw new RangeError("Cannot explain: a part exceeds the largest f32; scale the input down");
    }
    return result;
  };
  return { explain, vector };
}

/** Largest |contribution| first, in place: few, and nearly in order from the last time. */
function sortByContribution(list: Evidence[]): void {
  for (let i = 1; i < list.length; i++) {
    const one = list[i]!, size = Math.abs(one.contribution);
    let j = i;
    for (; j > 0; j--) {
      const before = list[j - 1]!, other = Math.abs(before.contribution);
      if (other > size || (other === size && before.index < one.index)) break;
      list[j] = before;
    }
    list[j] = one;
  }
}

/** Index of the largest value, the first of equals. */
export function largest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
