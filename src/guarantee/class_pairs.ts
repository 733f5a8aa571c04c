import { type Interactions, interactions } from "../decompose/mod.ts";
import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type ForwardErrors, forwardErrors } from "./forward_error.ts";
import { coordinatesOf, type SpectralForm, spectralForm } from "./spectral_form.ts";

/** Options of work that takes longer. */
export interface ProgressOptions {
  /** Called after every part with how many of how many are done. */
  readonly progress?: (done: number, total: number) => void;
  /** Ends the work with its reason when it is aborted; looked at before every part. */
  readonly signal?: AbortSignal;
}

/** What certified radii need of a model: every pair of classes in eigen coordinates. */
export interface ClassPairs {
  /** The model. */
  readonly model: Model;
  /** Its interaction tensor. */
  readonly interactions: Interactions;
  /** Number of classes. */
  readonly classes: number;
  /** How far the model in f32 may be from the exact polynomial. */
  readonly errors: ForwardErrors;
  /** Output a minus output b for a < b, in the order (0,1), (0,2), …, (1,2), …. */
  readonly forms: readonly SpectralForm[];
}

/** The margin of one class over another in eigen coordinates. */
export interface Margin {
  /** The pair it comes from. */
  readonly form: SpectralForm;
  /** 1, or −1 where the pair is the other way round. */
  readonly sign: 1 | -1;
}

/**
 * Prepares a model for {@linkcode radius}, {@linkcode radii} and {@linkcode certify}: one small
 * eigenproblem of size min(inputs, 2·neurons, embedding width) for every pair of classes. It holds for the
 * weights as they are now: after a training step or `assign`, prepare anew.
 *
 * @throws {TypeError} when the model has no exact form (it has exactly one bilinear layer, and else
 * linear ones), or a single output; whatever reason the signal gives when it aborts.
 * @example
 * ```ts
 * import { guarantee, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 1 });
 * const pairs = guarantee.classPairs(model, { progress: (done, total) => console.log(done, total) });
 * console.log(guarantee.radius(pairs, [1, 0, 0, 1]).radius);
 * ```
 */
export function classPairs(model: Model, options: ProgressOptions = {}): ClassPairs {
  const all = interactions(model), classes = all.outputs;
  if (classes < 2) {
    throw new TypeError(
      `Cannot compare the classes of a model with ${classes} output: it needs two; use range for one output`,
    );
  }
  const coordinates = coordinatesOf(all), total = classes * (classes - 1) / 2;
  const forms: SpectralForm[] = [];
  for (let a = 0; a < classes; a++) {
    for (let b = a + 1; b < classes; b++) {
      options.signal?.throwIfAborted();
      forms.push(spectralForm(all.difference(a, b), coordinates));
      options.progress?.(forms.length, total);
    }
  }
  return { model, interactions: all, classes, errors: forwardErrors(model), forms };
}

/** Class a over class b. */
export function marginOf({ forms, classes }: ClassPairs, a: number, b: number): Margin {
  const [first, second] = a < b ? [a, b] : [b, a];
  const before = first * classes - first * (first + 1) / 2;
  return { form: forms[before + second - first - 1]!, sign: a < b ? 1 : -1 };
}

/** The pairs of a model, or those that are given. */
export function pairsOf(given: Model | ClassPairs): ClassPairs {
  return "forms" in given ? given : classPairs(given);
}

/**
 * Inputs as a model sees them: in f32 [rows, inputs].
 *
 * @throws {TypeError} when they are no whole number of rows; {RangeError} when one is not finite.
 */
export function inputRows(action: string, { inputs }: Interactions, x: ArrayLike<number>): Matrix {
  if (x.length === 0 || x.length % inputs !== 0) {
    throw new TypeError(`${action} at ${x.length} numbers: an input has ${inputs}`);
  }
  const data = new Float64Array(x.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.fround(x[i]!);
    if (!Number.isFinite(data[i])) {
      throw new RangeError(
        `${action} at an input with ${x[i]} at ${i}: every number must be finite in f32`,
      );
    }
  }
  return matrix(x.length / inputs, inputs, data);
}

/** @throws {RangeError} when the model has no such class. */
export function checkLabel(action: string, label: number, classes: number): void {
  if (!Number.isInteger(label) || label < 0 || label >= classes) {
    throw new RangeError(`${action} for class ${label}: the classes are 0 to ${classes - 1}`);
  }
}
