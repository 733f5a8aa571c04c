import type { Tensor } from "./tensor.ts";

/**
 * One differentiable operation as it happened. `name` is its key in the table of derivative rules,
 * `saved` holds intermediate results that the rule needs, `attributes` its plain parameters.
 */
export interface Recorded {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly output: Tensor;
  readonly saved: readonly Tensor[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Recorder = (entry: Recorded) => void;
let recorder: Recorder | undefined;

/** Runs `body` while every operation is told to `next`, or to nobody. */
export function recording<T>(next: Recorder | undefined, body: () => T): T {
  const before = recorder;
  recorder = next;
  try {
    return body();
  } finally {
    recorder = before;
  }
}

/** @throws {TypeError} while gradients are recorded: what is meant has none. */
export function refuseRecording(what: string): void {
  if (!recorder) return;
  throw new TypeError(
    `Cannot differentiate through ${what}: it is for inference alone; use the model it was made from`,
  );
}

/** Tells the recorder, if there is one, of an operation; returns its output. */
export function record(
  name: string,
  inputs: readonly Tensor[],
  output: Tensor,
  saved: readonly Tensor[] = [],
  attributes: Readonly<Record<string, unknown>> = {},
): Tensor {
  recorder?.({ name, inputs, output, saved, attributes });
  return output;
}
