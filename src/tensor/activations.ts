import { type Activation, activations, isActivation } from "../formats/mod.ts";
import { kernels } from "../kernels/mod.ts";
import { checkFloats } from "./operations.ts";
import { record } from "./record.ts";
import { Tensor } from "./tensor.ts";

export { type Activation, isActivation };

/** Code of an activation for the kernels. @throws {RangeError} for a name that is none. */
export function activationCode(kind: Activation): number {
  if (!isActivation(kind)) {
    throw new RangeError(
      `Cannot use activation "${kind}": choose one of ${activations.join(", ")}`,
    );
  }
  return activations.indexOf(kind);
}

/**
 * An activation function of every element; β is for `silu` alone, 1 unless said.
 *
 * @throws {RangeError} for a name that is no activation.
 */
export function activate(x: Tensor, kind: Activation, beta = 1): Tensor {
  checkFloats("activate", x);
  const code = activationCode(kind), out = new Tensor(x.shape);
  kernels().activate(code, x.size, beta, x.address, out.address);
  return record("activate", [x], out, [], { kind, beta });
}

/** g ⊙ act′(x): the gradient of {@linkcode activate}. */
export function activateGradient(x: Tensor, g: Tensor, kind: Activation, beta: number): Tensor {
  const out = new Tensor(x.shape);
  kernels().activateBackward(
    activationCode(kind),
    x.size,
    beta,
    x.address,
    g.address,
    out.address,
  );
  return out;
}
