import { cosPi, expOf, kernels, logOf, product } from "../kernels/mod.ts";
import { checkFloats } from "./operations.ts";
import { record } from "./record.ts";
import { scope } from "./scope.ts";
import { Tensor } from "./tensor.ts";

/** Sizes of one attention. */
interface Sizes {
  readonly batch: number;
  readonly length: number;
  readonly heads: number;
  /** Width of one head. */
  readonly width: number;
}

function sizesOf(qkv: Tensor, heads: number): Sizes {
  const [batch, length, columns] = qkv.shape;
  const width = columns === undefined ? NaN : columns / 3 / heads;
  const fits = Number.isSafeInteger(heads) && heads > 0 && width > 0 && width % 2 === 0;
  if (qkv.shape.length !== 3 || !fits) {
    throw new TypeError(
      `Cannot attend with ${heads} heads over ${qkv}: it takes [batch, length, 3·heads·width] with an even width of a head`,
    );
  }
  return { batch: batch!, length: length!, heads, width };
}

/**
 * Causal self-attention with rotary positions: softmax(q·kᵀ/√width) over the past, times v, head by head.
 * qkv [batch, length, 3·d] holds q, then k, then v, each head after head; the result is [batch, length, d].
 * Positions rotate the two halves of a head, angle position · base^(−2i/width). Source: Vaswani et al.
 * 2017; Su et al. 2021, in the half-split form of GPT-NeoX.
 *
 * @throws {TypeError} when the shape does not fit the number of heads; {RangeError} for a base below 1.
 */
export function causalAttention(qkv: Tensor, heads: number, base = 10_000): Tensor {
  checkFloats("attend over", qkv);
  const sizes = sizesOf(qkv, heads);
  if (!(base >= 1 && base < Infinity)) {
    throw new RangeError(`Cannot rotate by base ${base}: it must be a finite number ≥ 1`);
  }
  return scope(() => attend(qkv, sizes, base));
}

function attend(qkv: Tensor, sizes: Sizes, base: number): Tensor {
  const { batch, length, heads, width } = sizes;
  const rotated = new Tensor(qkv.shape), patterns = new Tensor([batch * heads, length, length]);
  const out = new Tensor([batch, length, heads * width]);
  kernels().affine(qkv.size, 1, 0, qkv.address, rotated.address);
  rotateHalves(rotated, sizes, base, 1);
  eachHead(sizes, (q, k, v, z, pattern) => {
    const scores = patterns.address + pattern;
    const wide = 12 * heads * width;
    product({
      ...{ type: "f32", form: "NT", m: length, n: length, k: width },
      ...{ a: rotated.address + q, aRow: wide, b: rotated.address + k, bRow: wide, c: scores },
    });
    kernels().causalSoftmax(length, 1 / Math.sqrt(width), scores, scores);
    product({
      ...{ type: "f32", form: "NN", m: length, n: width, k: length, a: scores },
      ...{ b: rotated.address + v, bRow: wide, c: out.address + z, cRow: wide / 3 },
    });
  });
  return record("causalAttention", [qkv], out, [rotated, patterns], { heads, base });
}

/** Gradient of qkv in {@linkcode causalAttention} from what it saved and the gradient g of its result. */
export function causalAttentionGradient(
  rotated: Tensor,
  patterns: Tensor,
  g: Tensor,
  heads: number,
  base: number,
): Tensor {
  const sizes = sizesOf(rotated, heads), { length, width } = sizes;
  const out = new Tensor(rotated.shape), wide = 12 * heads * width;
  scope(() => {
    const scores = new Tensor([length, length]);
    eachHead(sizes, (q, k, v, z, pattern) => {
      const p = patterns.address + pattern, own = { type: "f32", aRow: 4 * length } as const;
      const narrow = wide / 3, from = rotated.address, to = out.address;
      product({
        ...{ type: "f32", form: "TN", m: length, n: width, k: length, a: p },
        ...{ b: g.address + z, bRow: narrow, c: to + v, cRow: wide },
      });
      product({
        ...{ type: "f32", form: "NT", m: length, n: length, k: width, a: g.address + z },
        ...{ aRow: narrow, b: from + v, bRow: wide, c: scores.address },
      });
      const at = scores.address;
      kernels().causalSoftmaxBackward(length, 1 / Math.sqrt(width), p, at, at);
      const shape = { m: length, n: width, k: length, a: at, bRow: wide, cRow: wide };
      product({ ...own, ...shape, form: "NN", b: from + k, c: to + q });
      product({ ...own, ...shape, form: "TN", b: from + q, c: to + k });
    });
    rotateHalves(out, sizes, base, -1);
  });
  return out;
}

/** Calls back with the byte offsets of q, k, v, the result and the pattern of every head. */
function eachHead(
  { batch, length, heads, width }: Sizes,
  body: (q: number, k: number, v: number, z: number, pattern: number) => void,
): void {
  const d = heads * width;
  for (let b = 0; b < batch; b++) {
    for (let h = 0; h < heads; h++) {
      const start = 4 * (b * length * 3 * d + h * width);
      const z = 4 * (b * length * d + h * width);
      body(start, start + 4 * d, start + 8 * d, z, 4 * (b * heads + h) * length * length);
    }
  }
}

/** Rotates q and k of every row in place by sign · their position. */
function rotateHalves(x: Tensor, sizes: Sizes, base: number, sign: 1 | -1): void {
  const { batch, length, heads, width } = sizes, half = width / 2, wide = 12 * heads * width;
  scope(() => {
    const cos = new Tensor([length, half]), sin = new Tensor([length, half]);
    const angles = Float64Array.from({ length: length * half }, (_, i) => {
      const frequency = expOf(-(2 * (i % half) / width) * logOf(base));
      return Math.floor(i / half) * frequency / Math.PI;
    });
    cos.set(angles.map(cosPi));
    sin.set(angles.map((turn) => cosPi(turn - 0.5)));
    for (const part of [0, 1]) {
      const at = x.address + part * 4 * heads * width;
      kernels().rotate(
        ...[batch * length, length, heads, half, sign, cos.address, sin.address] as const,
        ...[at, wide, at, wide] as const,
      );
    }
  });
}
