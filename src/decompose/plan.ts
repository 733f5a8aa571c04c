import { type DeepInteractions, deepInteractions } from "./deep_interactions.ts";
import type { Interactions } from "./interactions.ts";
import { odtWork } from "./odt_plan.ts";

/** Methods that {@linkcode plan} knows. */
export type Method =
  | "eigen"
  | "hosvd"
  | "tucker"
  | "cp"
  | "symmetricCp"
  | "tensorTrain"
  | "blockTerm"
  | "canonical"
  | "odt";

/** What a decomposition will take. */
export interface Plan {
  /** The method planned. */
  readonly method: Method;
  /** Bytes held at once beside the layer itself, an upper estimate. */
  readonly bytes: number;
  /** Multiplications and additions, a count. */
  readonly flops: number;
  /**
   * Seconds at 8 · 10⁹ operations a second, what products of this size reach on one core of a machine of
   * 2023: right to within a factor of three or so. Iterative methods may end sooner.
   */
  readonly expectedSeconds: number;
  /** Bytes of the dense tensor, which is not made: 8 · outputs · inputs^(2^depth). */
  readonly denseBytes: number;
  /** Whether `bytes` are within the limit. */
  readonly fits: boolean;
  /** What to do where they are not. */
  readonly advice?: string;
}

/** What is planned. */
export interface PlanOptions {
  /** The method to plan. */
  readonly method: Method;
  /** Components, eigenpairs, blocks or vectors; all, or as many as neurons, unless said. */
  readonly rank?: number;
  /** Sweeps of an iterative method; what the method takes at most unless said. */
  readonly sweeps?: number;
  /** Eigenvectors a block; 2 unless said. */
  readonly blockRank?: number;
  /** Bytes that may be taken; 2 GiB unless said. */
  readonly memoryLimit?: number;
}

/** Bytes that a decomposition may take unless said. */
export const MEMORY_LIMIT: number = 2 ** 31;
/** Operations a second that the estimates count with. */
const RATE = 8e9;
/** Sweeps that the methods take at most unless said. */
export const SWEEPS = { tucker: 50, cp: 300, symmetricCp: 500, blockTerm: 50 } as const;
/** Basis sizes from here on are searched for leading eigenvectors only, where few are wanted. */
export const LARGE = 1024;
/** Leading eigenvectors are few up to this share of the basis. */
export const FEW: number = 1 / 16;

/** A number of bytes as people write it. */
export function bytesText(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes, unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/**
 * Bytes, operations and time of a decomposition before it begins. Every method makes this plan itself
 * and refuses where it exceeds its `memoryLimit`. Deep networks are taken apart by `odt`, of whose plan
 * ranks and sweeps change nothing.
 *
 * @throws {RangeError} for a rank, sweeps or a limit that are no numbers above 0; {TypeError} for another
 * method of a deep network.
 * @example
 * ```ts
 * import { decompose, nn } from "@odot/odot";
 * const model = nn.sequential([nn.bilinear(784, 256, { bias: false }), nn.linear(256, 10)]);
 * const { bytes, expectedSeconds, denseBytes } = decompose.plan(decompose.interactions(model), {
 *   method: "cp",
 *   rank: 50,
 * });
 * console.log(bytes < denseBytes, expectedSeconds > 0); // true true
 * ```
 */
export function plan(source: Interactions | DeepInteractions, options: PlanOptions): Plan {
  const { method, rank, sweeps, blockRank = 2, memoryLimit = MEMORY_LIMIT } = options;
  for (const [name, value] of Object.entries({ rank, sweeps, blockRank, memoryLimit })) {
    if (value === undefined || value > 0) continue;
    throw new RangeError(`Cannot plan with ${name} ${value}: give a number above 0`);
  }
  if (method === "odt") {
    const deep = "depth" in source ? source : deepInteractions(source);
    const leaf = deep.inputs + (deep.constant ? 1 : 0);
    return concluded(odtWork(deep), deep.outputs * leaf ** (2 ** deep.depth));
  }
  if ("depth" in source) {
    throw new TypeError(`Cannot plan ${method} of a deep network: its method is odt`);
  }
  const { inputs: n, neurons: h, outputs: o } = source;
  const compresses = method !== "hosvd" && 2 * h < n, m = compresses ? 2 * h : n;
  const r = rank ?? (method === "eigen" || method === "tucker" ? m : h);
  // factors, their coordinates with Q, and inner products
  const factors = 2 * h * n + o * h, coordinates = compresses ? 4 * h * n + 6 * h * h : 0;
  const base = factors + coordinates + 2 * h * m + 3 * h * h;
  const prepare = (compresses ? 16 * n * h * h : 0) + 8 * h * h * m;
  const few = m >= LARGE && r <= m * FEW;
  const spectral = few ? 25 * r * 2 * m * m : 12 * m ** 3;
  return concluded(work(method), o * n * n);

  function concluded([numbers, operations]: readonly [number, number], dense: number): Plan {
    const bytes = 8 * Math.ceil(numbers), flops = Math.ceil(operations);
    const fits = bytes <= memoryLimit;
    return {
      ...{ method, bytes, flops, expectedSeconds: flops / RATE, denseBytes: 8 * dense, fits },
      ...(!fits && { advice: advice() }),
    };
  }

  function work(one: Exclude<Method, "odt">): [numbers: number, operations: number] {
    switch (one) {
      case "eigen":
        return few
          ? [factors + 3 * r * n, o * 25 * r * 8 * h * n]
          : [base + 5 * m * m + r * n, prepare + o * (2 * h * m * m + spectral + 2 * r * m * n)];
      case "hosvd":
        return [factors + 5 * h * h + o * h, 8 * h * h * n + 2 * o * h * h + 12 * o ** 3];
      case "tensorTrain":
      case "tucker": {
        const sweep = 8 * h * h * (m + r) + 8 * h * m * m + spectral;
        const count = one === "tucker" ? 1 + (sweeps ?? SWEEPS.tucker) : 1;
        return [base + 8 * m * m + 2 * r * n + o * r * r, prepare + count * sweep];
      }
      case "cp":
      case "symmetricCp": {
        const sweep = 24 * h * m * r + 60 * r * r * m + 4 * o * h * r;
        return [
          base + 12 * r * m + 4 * h * r + 8 * r * r + 2 * r * n,
          prepare + (sweeps ?? SWEEPS[one]) * sweep,
        ];
      }
      case "blockTerm": {
        const top = Math.min(12 * m ** 3, 2 * m * m * (60 + 20 * blockRank));
        const sweep = r * (2 * h * m * m + top);
        return [
          base + 6 * m * m + r * blockRank * (m + n),
          prepare + (1 + (sweeps ?? SWEEPS.blockTerm)) * sweep,
        ];
      }
      case "canonical":
        return [
          base + 5 * m * m + 2 * o * m * n,
          prepare + 12 * h ** 3 + o * (2 * h * m * m + spectral),
        ];
    }
  }

  function advice(): string {
    return method === "hosvd" || method === "cp" || method === "odt"
      ? "raise memoryLimit, or fold the layer into a smaller embedding first"
      : "raise memoryLimit, ask for a smaller rank, or take hosvd, which needs the least";
  }
}

/** The plan of a method that is about to run. @throws {RangeError} when it does not fit. */
export function requirePlan(
  source: Interactions | DeepInteractions,
  options: PlanOptions,
): Plan {
  const made = plan(source, options);
  if (made.fits) return made;
  const { memoryLimit = MEMORY_LIMIT, method } = options;
  throw new RangeError(
    `Cannot run ${method}: it would hold ${bytesText(made.bytes)}, the limit is ${
      bytesText(memoryLimit)
    }; ${made.advice}`,
  );
}
