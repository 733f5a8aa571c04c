import { integers, kernels } from "../kernels/mod.ts";
import { checkFloats, rowsShape } from "./operations.ts";
import { record } from "./record.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/**
 * Mean cross-entropy of softmax(logits) and the labels, as a tensor []; logits […, classes], labels
 * i32 […]. With smoothing ε the target of a row is (1 − ε)·one-hot(label) + ε/classes.
 *
 * @throws {TypeError} when shapes or types do not fit; {RangeError} for a label that is no class, or a
 * smoothing outside [0, 1].
 */
export function crossEntropy(logits: Tensor, labels: Tensor, smoothing = 0): Tensor {
  checkFloats("take the cross-entropy of", logits);
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw new RangeError(`Cannot smooth labels by ${smoothing}: it must be between 0 and 1`);
  }
  const [m, classes] = rowsShape("take the cross-entropy of", logits);
  if (labels.dtype !== "i32" || labels.size !== m || m === 0) {
    throw new TypeError(
      `Cannot take the cross-entropy of ${logits} with labels ${labels}: give one i32 label a row, made by indices()`,
    );
  }
  for (const [i, label] of integers(labels.address, m).entries()) {
    if (label < 0 || label >= classes) {
      throw new RangeError(
        `Cannot take the cross-entropy: label ${i} is ${label}, but the classes are 0 to ${
          classes - 1
        }`,
      );
    }
  }
  return scope(() => {
    const probabilities = new Tensor(logits.shape), losses = new Tensor([m]);
    kernels().crossEntropyForward(
      m,
      classes,
      logits.address,
      labels.address,
      smoothing,
      probabilities.address,
      losses.address,
    );
    const mean = new Tensor([]).set([kernels().sum(m, losses.address) / m]);
    losses[Symbol.dispose]();
    return record("crossEntropy", [logits], mean, [probabilities, labels], { smoothing });
  });
}

/** Gradient [m, classes] of the mean cross-entropy, times `factor`. */
export function crossEntropyGradient(
  probabilities: Tensor,
  labels: Tensor,
  smoothing: number,
  factor: number,
): Tensor {
  const [m, classes] = rowsShape("differentiate", probabilities);
  const out = new Tensor(probabilities.shape);
  kernels().crossEntropyBackward(
    m,
    classes,
    probabilities.address,
    labels.address,
    smoothing,
    factor / m,
    out.address,
  );
  return out;
}

/** g where x > 0, else 0: the gradient of relu. */
export function reluGradient(x: Tensor, g: Tensor): Tensor {
  const out = new Tensor(x.shape);
  kernels().reluBackward(x.size, x.address, g.address, out.address);
  return out;
}
