import {
  add,
  full,
  holdScopes,
  type Recorded,
  recording,
  reshape,
  scope,
  type Tensor,
} from "../tensor/mod.ts";
import { rules } from "./rules.ts";

/** A loss and its gradients, one for every parameter, under the same names. */
export interface ValueAndGrad {
  /** The loss. */
  readonly value: number;
  /** Derivatives of the loss, each of the shape of its parameter. */
  readonly gradients: Map<string, Tensor>;
}

/**
 * Value of a scalar function and its gradient by the parameters: runs `body` once, records every
 * operation that depends on a parameter, and walks the record backwards. Everything made on the way
 * is freed; the gradients belong to the caller's scope.
 *
 * @param body computes the loss, a tensor of one element.
 * @param parameters the tensors to differentiate by, such as `model.parameters`.
 * @throws {TypeError} when the loss is no single number, or depends on no parameter.
 * @example
 * ```ts
 * import { multiply, scope, sum, tensor, valueAndGrad } from "@odot/odot";
 * scope(() => {
 *   const x = tensor([1, 2, 3]);
 *   const { value, gradients } = valueAndGrad(() => sum(multiply(x, x)), new Map([["x", x]]));
 *   console.log(value, gradients.get("x")?.toArray()); // 14 [2, 4, 6]
 * });
 * ```
 */
export function valueAndGrad(
  body: () => Tensor,
  parameters: ReadonlyMap<string, Tensor>,
): ValueAndGrad {
  return scope(() => {
    const dependent = new Set<Tensor>(parameters.values());
    const tape: Recorded[] = [];
    const loss = holdScopes(() =>
      recording((entry) => {
        if (!entry.inputs.some((input) => dependent.has(input))) return;
        dependent.add(entry.output);
        tape.push(entry);
      }, body)
    );
    if (loss.size !== 1) {
      throw new TypeError(`Cannot differentiate ${loss}: the loss must be one number; use mean()`);
    }
    if (!dependent.has(loss)) {
      throw new TypeError("Cannot differentiate: the loss depends on none of the parameters");
    }
    const value = loss.item();
    const found = recording(undefined, () => backward(tape, dependent, loss));
    const gradients = new Map<string, Tensor>(), given = new Set<Tensor>();
    for (const [name, parameter] of parameters) {
      const gradient = found.get(parameter) ?? full(parameter.shape, 0);
      // both sides of a sum share one gradient, but callers may free or change each on its own
      gradients.set(name, given.has(gradient) ? reshape(gradient, gradient.shape) : gradient);
      given.add(gradient);
    }
    return { value, gradients };
  });
}

function backward(
  tape: readonly Recorded[],
  dependent: ReadonlySet<Tensor>,
  loss: Tensor,
): Map<Tensor, Tensor> {
  const gradients = new Map<Tensor, Tensor>([[loss, full(loss.shape, 1)]]);
  for (const entry of tape.toReversed()) {
    const gradient = gradients.get(entry.output);
    if (!gradient) continue; // the output does not reach the loss
    const rule = rules[entry.name];
    if (!rule) {
      throw new TypeError(`Cannot differentiate ${entry.name}(): it has no derivative rule`);
    }
    const parts = rule(entry, gradient, entry.inputs.map((input) => dependent.has(input)));
    entry.inputs.forEach((input, i) => {
      const part = parts[i];
      if (!part || !dependent.has(input)) return;
      const before = gradients.get(input);
      gradients.set(input, before ? add(before, part) : part);
    });
  }
  return gradients;
}
