import { type Matrix, matrix } from "../linalg/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type DeepInteractions, deepInteractions, fromChain, picked } from "./deep_interactions.ts";
import { diagonalBlocks } from "./deep_steps.ts";
import type { Interactions } from "./interactions.ts";
import { gaussianProducts, type InputMoments } from "./similarity_gaussian.ts";
import { type Scaled, treeProducts } from "./tree_products.ts";

/** Options of {@linkcode similarity}. */
export interface SimilarityOptions extends InputMoments {
  /**
   * `frobenius` compares coefficients; `gaussian` outputs, over inputs from a normal distribution. The
   * coefficients unless said.
   */
  readonly measure?: "frobenius" | "gaussian";
  /** Whether the mean of all outputs is taken off each, as softmax does not see it; `raw` unless said. */
  readonly outputs?: "raw" | "centered";
}

/** How alike two networks are. */
export interface Similarity {
  /** What was compared. */
  readonly measure: "frobenius" | "gaussian";
  /**
   * Whether it is exact: always for coefficients; for Gaussian inputs with one bilinear layer, as
   * states of deeper ones are taken to be normal too.
   */
  readonly exact: boolean;
  /** ⟨a, b⟩ / (‖a‖·‖b‖) over all outputs, −1 to 1; 0 where one is zero, 1 where both are. */
  readonly cosine: number;
  /** The same for every output by itself [outputs]. */
  readonly perOutput: Float64Array;
  /** ‖a − b‖ / max(‖a‖, ‖b‖), dimensionless; a difference of squares: below 2e-8 it is rounding. */
  readonly distance: number;
  /** ‖b‖ / ‖a‖, dimensionless. */
  readonly ratio: number;
}

/** What can be compared. */
export type Comparable = Model | Interactions | DeepInteractions;

/**
 * How alike two networks are, from their weights and never forming a tensor. Both measures do not change
 * when hidden neurons are permuted, their sides swapped or rescaled, or states between layers get other
 * coordinates. Equal functions of one bilinear layer have cosine 1; from two layers on, coefficients
 * depend on how the tree is bracketed, so equal functions may differ in the Frobenius measure.
 * Source: 2605.15183 (2026); METHODS 13. The trace term of the Gaussian measure is kept.
 *
 * @throws {TypeError} when the networks differ in inputs, outputs or depth, or a layer has no exact form;
 * {RangeError} when coefficients exceed f64.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const a = nn.sequential([nn.bilinear(5, 8), nn.linear(8, 3)], { seed: 1 });
 * const b = nn.sequential([nn.bilinear(5, 4), nn.linear(4, 3)], { seed: 2 });
 * console.log(decompose.similarity(a, b).cosine, decompose.similarity(a, a).cosine); // …, 1
 * ```
 */
export function similarity(
  a: Comparable,
  b: Comparable,
  options: SimilarityOptions = {},
): Similarity {
  const [first, second] = comparable([a, b], options);
  return compare(first!, second!, options, [undefined, undefined]).similarity;
}

/** Chains with the same kind of states, their outputs as the options want them. */
export function comparable(
  all: readonly Comparable[],
  { outputs = "raw" }: SimilarityOptions,
): DeepInteractions[] {
  const chains = all.map((each) => "depth" in each ? each : deepInteractions(each));
  const constant = chains.some((chain) => chain.constant);
  const [first] = chains;
  chains.forEach((chain, i) => {
    const sizes = ({ inputs, outputs, depth }: DeepInteractions): string =>
      `${inputs} inputs, ${outputs} outputs and ${depth} bilinear layers`;
    if (sizes(chain) !== sizes(first!)) {
      throw new TypeError(
        `Cannot compare networks: number 0 has ${sizes(first!)}, number ${i} has ${sizes(chain)}`,
      );
    }
  });
  return chains.map((chain) => {
    const even = constant && !chain.constant ? withConstant(chain) : chain;
    return outputs === "centered" ? centered(even) : even;
  });
}

/** Inner products of two networks, with those of each with itself where they are known. */
export function compare(
  a: DeepInteractions,
  b: DeepInteractions,
  options: SimilarityOptions,
  known: readonly [Scaled | undefined, Scaled | undefined],
): { similarity: Similarity; own: readonly [Scaled, Scaled] } {
  const { measure = "frobenius" } = options;
  if (measure === "frobenius" && (options.mean || options.covariance)) {
    throw new TypeError(
      'Cannot weigh coefficients by a mean or covariance of inputs: use the measure "gaussian"',
    );
  }
  const products = measure === "frobenius"
    ? treeProducts
    : (x: DeepInteractions, y: DeepInteractions): Scaled => gaussianProducts(x, y, options);
  const own = [known[0] ?? products(a, a), known[1] ?? products(b, b)] as const;
  const cross = products(a, b);
  const exact = measure === "frobenius" || a.depth === 1;
  const shift = 2 ** (cross.exponent - (own[0].exponent + own[1].exponent) / 2);
  const total = ({ values }: Scaled): number => values.reduce((sum, value) => sum + value, 0);
  const cosine = (ab: number, aa: number, bb: number): number => {
    if (!(aa > 0) || !(bb > 0)) return aa > 0 || bb > 0 ? 0 : 1;
    return Math.max(-1, Math.min(1, shift * ab / (Math.sqrt(aa) * Math.sqrt(bb))));
  };
  const [aa, bb] = [total(own[0]), total(own[1])], all = cosine(total(cross), aa, bb);
  const ratio = Math.sqrt(bb / aa) * 2 ** ((own[1].exponent - own[0].exponent) / 2);
  return {
    own,
    similarity: {
      measure,
      exact,
      cosine: all,
      perOutput: cross.values.map((ab, o) => cosine(ab, own[0].values[o]!, own[1].values[o]!)),
      distance: aa > 0 || bb > 0 ? gap(all, ratio) : 0,
      ratio: aa > 0 || bb > 0 ? ratio : 1,
    },
  };
}

/** ‖a − b‖ / max(‖a‖, ‖b‖) of two with ‖b‖/‖a‖ = ratio. */
function gap(cosine: number, ratio: number): number {
  const small = Math.min(ratio, 1 / ratio);
  return Math.sqrt(Math.max(0, (1 - small) ** 2 + 2 * small * (1 - cosine)));
}

/** The same chain with a constant that nothing depends on. */
function withConstant(chain: DeepInteractions): DeepInteractions {
  const one = matrix(1, 1, [1]), last = chain.layers.length - 1;
  return fromChain({
    inputs: chain.inputs,
    constant: true,
    layers: chain.layers.map(({ left, right, readout }, l) => {
      const wide = diagonalBlocks(one, readout);
      return {
        left: diagonalBlocks(one, left),
        right: diagonalBlocks(one, right),
        readout: l < last ? wide : picked(wide, range(1, wide.rows), range(0, wide.columns)),
      };
    }),
    ...(chain.embedding && { embedding: diagonalBlocks(one, chain.embedding) }),
  });
}

/** The same chain with the mean of all outputs taken off each. */
function centered(chain: DeepInteractions): DeepInteractions {
  const { readout } = chain.layers.at(-1)!, { rows, columns, data } = readout;
  const means = Float64Array.from(
    { length: columns },
    (_, k) => range(0, rows).reduce((sum, o) => sum + data[o * columns + k]!, 0) / rows,
  );
  const off: Matrix = matrix(rows, columns, data.map((value, i) => value - means[i % columns]!));
  return fromChain({
    ...chain,
    layers: chain.layers.map((layer) =>
      layer.readout === readout ? { ...layer, readout: off } : layer
    ),
  });
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}
