import * as odot from "@odot/odot";
import { linalg, nn, optim, random, scope, type Tensor, tensor } from "@odot/odot";
import type { Job } from "./job.ts";
import {
  type Batch,
  type Crossing,
  layersOf,
  type NetworkTask,
  type ProductTask,
  type SvdTask,
  type SymmetricTask,
} from "./tasks.ts";

const PRODUCT = { NN: odot.matmul, NT: odot.matmulNT, TN: odot.matmulTN };

/** C = A·B, its operands tensors or arrays as the peer's are. */
export function product(task: ProductTask, crossing: Crossing): Job<Float32Array> {
  const { form, m, n, k } = task, multiply = PRODUCT[form];
  const left = (): Tensor => tensor(task.a, form === "TN" ? [k, m] : [m, k]);
  const right = (): Tensor => tensor(task.b, form === "NT" ? [n, k] : [k, n]);
  const [a, b] = [left(), right()];
  const run = {
    nothing: (): void => scope((): void => void multiply(a, b)),
    activations: (): Float32Array => scope(() => multiply(left(), b).toArray()),
    everything: (): Float32Array => scope(() => multiply(left(), right()).toArray()),
  }[crossing];
  return {
    run,
    result: () => scope(() => multiply(a, b).toArray()),
    end: () => [a, b].forEach((one) => one[Symbol.dispose]()),
  };
}

/** x·Wᵀ with a weight that was packed beforehand. */
export function packedProduct({ m, n, k, a, b }: ProductTask): Job<Float32Array> {
  const x = tensor(a, [m, k]);
  const layer = nn.sequential([nn.linear(k, n, { bias: false })]);
  layer.assign({ "0.weight": b });
  const frozen = nn.frozen(layer);
  return {
    run: () => scope((): void => void frozen(x)),
    result: () => scope(() => frozen(x).toArray()),
    end: () => [x, layer, frozen].forEach((one) => one[Symbol.dispose]()),
  };
}

function modelOf({ layers, weights }: NetworkTask): nn.Model {
  const model = nn.sequential(layersOf(layers));
  const names = [...model.parameters.keys()];
  model.assign(Object.fromEntries(names.map((name, i) => [name, weights[i]!])));
  return model;
}

/** Training steps: batch in, gradients, AdamW, loss out. */
export function training(task: NetworkTask): Job<Float32Array> {
  const model = modelOf(task), optimizer = optim.adamw(model, task);
  const step = ({ inputs, labels }: Batch): number =>
    scope(() => {
      const x = tensor(inputs, [task.rows, task.inputs]), truth = odot.indices(labels);
      const loss = (): Tensor => odot.crossEntropy(model(x), truth);
      const { value, gradients } = odot.valueAndGrad(loss, model.parameters);
      optimizer.step(gradients);
      return value;
    });
  let steps = 0;
  return {
    run: () => step(task.batch(steps++)),
    result: () => Float32Array.from({ length: 5 }, (_, i) => step(task.batch(i))),
    end: () => [model, optimizer].forEach((one) => one[Symbol.dispose]()),
  };
}

/** Logits of one batch: from array to array, or from tensor to tensor. */
export function inference(
  task: NetworkTask,
  crossing: Crossing = "activations",
): Job<Float32Array> {
  // peers that know a weight as constant lay it out when they load the model, and so do we
  const model = modelOf(task), frozen = nn.frozen(model), { inputs } = task.batch(0);
  const x = tensor(inputs, [task.rows, task.inputs]);
  const predict = (): Float32Array => frozen.predict(inputs);
  return {
    run: crossing === "nothing" ? () => scope((): void => void frozen(x)) : predict,
    result: predict,
    end: () => [model, frozen, x].forEach((one) => one[Symbol.dispose]()),
  };
}

/** Eigenvalues, ascending; eigenvectors and residuals are made as well. */
export function eigh({ n, matrices }: SymmetricTask): Job<Float64Array> {
  const inputs = matrices.map((data) => linalg.matrix(n, n, data));
  const run = (): linalg.Eigh[] => inputs.map((a) => linalg.eigh(a));
  return { run, result: () => Float64Array.from(run().flatMap(({ values }) => [...values])) };
}

/** Singular values, descending; vectors and residuals are made as well. */
export function svd({ rows, columns, matrix }: SvdTask): Job<Float64Array> {
  const a = linalg.matrix(rows, columns, matrix);
  const run = (): linalg.Svd => linalg.svd(a);
  return { run, result: () => run().values };
}

/** A 784-input layer of 64 neurons and its ten outputs: the matrices, and how odot avoids making them. */
export function eigenpairs(rank: number): { task: SymmetricTask; job: Job<Float64Array> } {
  const layers = [nn.bilinear(784, 64, { bias: false }), nn.linear(64, 10, { bias: false })];
  const model = nn.sequential(layers, { seed: 5 });
  const forms = (): odot.decompose.QuadraticForm[] => {
    const interactions = odot.decompose.interactions(model);
    return Array.from({ length: 10 }, (_, output) => interactions.output(output));
  };
  const run = (): odot.decompose.Eigen[] =>
    forms().map((form) => odot.decompose.eigen(form, { rank }));
  return {
    task: { n: 784, matrices: forms().map((form) => Float64Array.from(form.dense().data)) },
    job: { run, result: () => Float64Array.from(run().flatMap(({ values }) => [...values])) },
  };
}

/** y = (W x) ⊙ (V x) in one call, and as two products and their Hadamard product. */
export function bilinear(
  rows: number,
  inputs: number,
  outputs: number,
): Record<string, () => void> {
  const source = random(6);
  const x = source.normal([rows, inputs]), weight = source.normal([2 * outputs, inputs]);
  const values = weight.toArray(), half = outputs * inputs;
  const left = tensor(values.subarray(0, half), [outputs, inputs]);
  const right = tensor(values.subarray(half), [outputs, inputs]);
  return {
    fused: () => scope((): void => void odot.bilinear(x, weight)),
    separate: () =>
      scope((): void => {
        odot.multiply(odot.matmulNT(x, left), odot.matmulNT(x, right));
      }),
  };
}

/** Asks for a number of threads; false while the library, or this machine, does not give them. */
export async function threads(count: number): Promise<boolean> {
  const asked = { kernels: "fast", threads: count } as const;
  await odot.configure(asked);
  return odot.info().threads === count;
}
