import { type Form, kernels, product } from "../kernels/mod.ts";
import { checkFloats, matrixShape } from "./operations.ts";
import { record } from "./record.ts";
import { scope } from "./scope.ts";
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
  const [a0, a1] = matrixShape("multiply", a), [b0, b1] = matrixShape("multiply by", b);
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

function multiplied(form: Form, a: Tensor, b: Tensor): Tensor {
  const [m, n, k] = sizes(form, a, b);
  const out = new Tensor([m, n]);
  product({ type: "f32", form, m, n, k, a: a.address, b: b.address, c: out.address });
  return out;
}

/** A·B [m, n] of a [m, k] and b [k, n]. @throws {TypeError} when the inner sizes differ. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return record("matmul", [a, b], multiplied("NN", a, b));
}

/** A·Bᵀ [m, n] of a [m, k] and b [n, k]. @throws {TypeError} when the inner sizes differ. */
export function matmulNT(a: Tensor, b: Tensor): Tensor {
  return record("matmulNT", [a, b], multiplied("NT", a, b));
}

/** Aᵀ·B [m, n] of a [k, m] and b [k, n]. @throws {TypeError} when the inner sizes differ. */
export function matmulTN(a: Tensor, b: Tensor): Tensor {
  return record("matmulTN", [a, b], multiplied("TN", a, b));
}

function addBias(out: Tensor, bias: Tensor | undefined): void {
  if (!bias) return;
  checkFloats("add as a bias", bias);
  const [m, n] = matrixShape("add a bias to", out);
  if (bias.size !== n) {
    throw new TypeError(`Cannot add the bias ${bias} to ${out}: it takes [${n}]`);
  }
  kernels().addRow(m, n, out.address, bias.address, out.address);
}

/** x·Wᵀ + b [m, out] of x [m, in], weight [out, in] and bias [out]. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return scope(() => {
    const out = multiplied("NT", x, weight);
    addBias(out, bias);
    return record("linear", bias ? [x, weight, bias] : [x, weight], out);
  });
}

/**
 * (x·Wᵀ + b) ⊙ (x·Vᵀ + c) [m, h] of x [m, in]; weight [2h, in] holds W above V, bias [2h] b before c.
 *
 * @throws {TypeError} when the sizes do not fit or the rows of weight are odd in number.
 */
export function bilinear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows] = matrixShape("use as a bilinear weight", weight);
  if (rows % 2 !== 0) {
    throw new TypeError(
      `Cannot use ${weight} as a bilinear weight: it holds W above V, so its rows must be even in number`,
    );
  }
  return scope(() => {
    const halves = multiplied("NT", x, weight);
    addBias(halves, bias);
    const [m, h] = [halves.shape[0]!, rows / 2];
    const out = new Tensor([m, h]);
    kernels().bilinearForward(m, h, halves.address, out.address);
    return record("bilinear", bias ? [x, weight, bias] : [x, weight], out, [halves]);
  });
}

/** Gradient [m, 2h] of the two halves of a bilinear layer from that of its output, g [m, h]. */
export function bilinearGradient(halves: Tensor, g: Tensor): Tensor {
  const [m, h] = matrixShape("differentiate", g);
  const out = new Tensor(halves.shape);
  kernels().bilinearBackward(m, h, halves.address, g.address, out.address);
  return out;
}
