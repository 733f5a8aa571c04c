import { type Form, kernels, product } from "../kernels/mod.ts";
import { type Activation, activationCode } from "./activations.ts";
import { checkFloats, matrixShape, rowsShape } from "./operations.ts";
import type { PackedWeight } from "./packed.ts";
import { record, refuseRecording } from "./record.ts";
import { scope } from "./scope.ts";
import type { Shape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

// Matrix products and the layers made of them. The forms are those of the kernels: the letters say
// which operand is transposed.

const REMEDY: Record<Form, string> = {
  NN: "use matmulNT to multiply by the transpose",
  NT: "use matmul when the second is not to be transposed",
  TN: "use matmul when the first is not to be transposed",
};

/** Sizes of a product. @throws {TypeError} when the inner sizes differ. */
function sizes(form: Form, a: Tensor, b: Tensor): [m: number, n: number, k: number] {
  checkFloats("multiply", a, b);
  const [a0, a1] = rowsShape("multiply", a);
  const [b0, b1] = (form === "TN" ? rowsShape : matrixShape)("multiply by", b);
  const [m, k] = form === "TN" ? [a1, a0] : [a0, a1];
  const [inner, n] = form === "NT" ? [b1, b0] : [b0, b1];
  if (k !== inner) {
    throw new TypeError(
      `Cannot multiply ${a} by ${b}${
        form === "NN" ? "" : ` (${form})`
      }: inner sizes ${k} and ${inner} differ; ${REMEDY[form]}`,
    );
  }
  return [m, n, k];
}

/** A shape with rows of another width. */
function withWidth(shape: Shape, width: number): Shape {
  const changed = shape.slice();
  changed[shape.length - 1] = width;
  return changed;
}

function multiplied(form: Form, a: Tensor, b: Tensor): Tensor {
  const [m, n, k] = sizes(form, a, b);
  const out = new Tensor(form === "TN" ? [m, n] : withWidth(a.shape, n));
  product({ type: "f32", form, m, n, k, a: a.address, b: b.address, c: out.address });
  return out;
}

/** x·Wᵀ for a weight as it is stored, or packed: that has no gradient. */
function timesWeight(x: Tensor, weight: Tensor | PackedWeight): Tensor {
  if (weight instanceof Tensor) return multiplied("NT", x, weight);
  refuseRecording("a packed weight");
  const [m, n, k] = sizes("NT", x, weight.source), panels = weight.panels.address;
  const out = new Tensor(withWidth(x.shape, n)), a = x.address, b = weight.source.address;
  product({ type: "f32", form: "NT", m, n, k, a, b, c: out.address, panels });
  return out;
}

/** What the derivative of a layer reads: nothing of a packed weight, which is never recorded. */
function inputsOf(x: Tensor, weight: Tensor | PackedWeight, bias: Tensor | undefined): Tensor[] {
  const stored = weight instanceof Tensor ? weight : weight.source;
  return bias ? [x, stored, bias] : [x, stored];
}

/** A·B […, n] of a […, k] and b [k, n]. @throws {TypeError} when the inner sizes differ. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return record("matmul", [a, b], multiplied("NN", a, b));
}

/** A·Bᵀ […, n] of a […, k] and b [n, k]. @throws {TypeError} when the inner sizes differ. */
export function matmulNT(a: Tensor, b: Tensor): Tensor {
  return record("matmulNT", [a, b], multiplied("NT", a, b));
}

/** Aᵀ·B [m, n] of a [k, m] and b [k, n], leading axes counted as one. @throws {TypeError} when the inner sizes differ. */
export function matmulTN(a: Tensor, b: Tensor): Tensor {
  return record("matmulTN", [a, b], multiplied("TN", a, b));
}

function addBias(out: Tensor, bias: Tensor | undefined): void {
  if (!bias) return;
  checkFloats("add as a bias", bias);
  const [m, n] = rowsShape("add a bias to", out);
  if (bias.size !== n) {
    throw new TypeError(`Cannot add the bias ${bias} to ${out}: it takes [${n}]`);
  }
  kernels().addRow(m, n, out.address, bias.address, out.address);
}

/** x·Wᵀ + b […, out] of x […, in], weight [out, in] and bias [out]. */
export function linear(x: Tensor, weight: Tensor | PackedWeight, bias?: Tensor): Tensor {
  return scope(() => {
    const out = timesWeight(x, weight);
    addBias(out, bias);
    return record("linear", inputsOf(x, weight, bias), out);
  });
}

/** What stands on the left of a gated layer: nothing but the linear map, or an activation of it. */
export interface Gate {
  /** Which activation. */
  readonly kind: Activation;
  /** β of `silu`. */
  readonly beta: number;
}

/**
 * act(x·Wᵀ + b) ⊙ (x·Vᵀ + c) […, h] of x […, in]; weight [2h, in] holds W above V, bias [2h] b before c.
 * Without a gate act is the identity and the layer bilinear.
 *
 * @throws {TypeError} when the sizes do not fit or the rows of weight are odd in number.
 */
export function bilinear(
  x: Tensor,
  weight: Tensor | PackedWeight,
  bias?: Tensor,
  gate?: Gate,
): Tensor {
  const stored = weight instanceof Tensor ? weight : weight.source;
  const [rows] = matrixShape("use as a bilinear weight", stored);
  if (rows % 2 !== 0) {
    throw new TypeError(
      `Cannot use ${stored} as a bilinear weight: it holds W above V, so its rows must be even in number`,
    );
  }
  return scope(() => {
    const halves = timesWeight(x, weight);
    addBias(halves, bias);
    const [m] = rowsShape("halve", halves), h = rows / 2;
    const out = new Tensor(withWidth(x.shape, h));
    if (gate) {
      const code = activationCode(gate.kind);
      kernels().gatedForward(code, m, h, gate.beta, halves.address, out.address);
    } else {
      kernels().bilinearForward(m, h, halves.address, out.address);
    }
    return record("bilinear", inputsOf(x, weight, bias), out, [halves], { gate });
  });
}

/** Gradient […, 2h] of the two halves of a bilinear layer from that of its output, g […, h]. */
export function bilinearGradient(halves: Tensor, g: Tensor, gate?: Gate): Tensor {
  const [m, h] = rowsShape("differentiate", g);
  const out = new Tensor(halves.shape);
  if (gate) {
    const code = activationCode(gate.kind);
    kernels().gatedBackward(code, m, h, gate.beta, halves.address, g.address, out.address);
  } else {
    kernels().bilinearBackward(m, h, halves.address, g.address, out.address);
  }
  return out;
}
