import { backend, peer } from "./tfjs.ts";
import type { Peer } from "./peer.ts";
import type { Tensor } from "./tfjs_api.ts";

/**
 * TensorFlow.js as one who knows its kernels writes it: products of transposed operands, its own gradients
 * among them, are ten times slower than transposing first, so every product is made plain.
 */
export async function open(threads: number): Promise<Peer> {
  const tf = await backend(threads);
  const matmulNT = tf.customGrad((x: Tensor, weight: Tensor, save: (all: Tensor[]) => void) => {
    save([x, weight]);
    return {
      value: tf.matMul(x, tf.transpose(weight)),
      gradFunc: (dy, saved) => [
        tf.matMul(dy, saved[1]!),
        tf.matMul(tf.transpose(dy), saved[0]!),
      ],
    };
  });
  return peer(
    tf,
    "tfjs-wasm tuned",
    matmulNT,
    ({ form }, a, b) =>
      form === "NN"
        ? tf.matMul(a, b)
        : form === "NT"
        ? tf.matMul(a, tf.transpose(b))
        : tf.matMul(tf.transpose(a), b),
  );
}
