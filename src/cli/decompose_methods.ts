import {
  blockTerm,
  cp,
  type DeepInteractions,
  type DegeneratePair,
  type Goal,
  hosvd,
  type Interactions,
  type LayerApproximation,
  type Odt,
  odt,
  symmetricCp,
  tensorTrain,
  tucker,
} from "../decompose/mod.ts";
import type { Model } from "../nn/mod.ts";
import { type Component, formatNumber, type ModeSpectrum } from "../report/mod.ts";
import {
  blockComponents,
  cpComponents,
  dictionaryComponents,
  hosvdComponents,
  odtComponents,
  trainComponents,
  tuckerComponents,
} from "./decompose_components.ts";
import type { DecomposeFlags, MethodName, Wanted } from "./decompose_flags.ts";

/** What a method found, as the command line speaks of it. */
export interface Found {
  /** What was kept, and of how much: `components`, 10. */
  readonly ranks: readonly {
    readonly of: string;
    readonly kept: number;
    readonly all?: number;
  }[];
  /** What errors are told against: how much of what, up to how much, and where this one is. */
  readonly against: { readonly of: string; readonly most: number; readonly kept?: number };
  readonly relativeError: number;
  readonly errorBound?: number;
  readonly residual?: number;
  readonly converged: boolean;
  readonly trace: readonly number[];
  readonly parameterCount: number;
  /** Pairs of components that nearly cancel each other. */
  readonly degenerate: readonly DegeneratePair[];
  readonly toModel: () => Model;
  /** What a page shows of it; made when asked for. */
  readonly spectra: () => ModeSpectrum[];
  readonly components: (most: number) => Component[];
  readonly componentCount: number;
}

/** What a method works on, and how. */
export interface Job {
  /** The layer; for odt a network of any depth. */
  readonly source: Interactions | DeepInteractions;
  readonly flags: DecomposeFlags;
  readonly wanted: Wanted;
  readonly progress: (step: number, steps: number, relativeError?: number) => void;
}

/** Methods that give one approximation of the whole. */
export type WholeMethod = Exclude<MethodName, "eigen">;

/** Takes a layer or a network apart. */
export function decomposed(method: WholeMethod, job: Job): Found {
  const { flags, wanted } = job;
  const memoryLimit = flags.memory * 2 ** 30;
  if (method === "odt") {
    return ofNetwork(odt(job.source, {
      ...{ memoryLimit, progress: ({ step, steps }) => job.progress(step, steps) },
      ...(wanted !== undefined && { rank: wanted }),
    }));
  }
  const layer = job.source as Interactions;
  const one = wanted as number | Goal, pair = wanted as number | Goal | readonly [number, number];
  const options = { memoryLimit, ...(wanted !== undefined && { rank: one }) };
  const sweeping = {
    ...{ memoryLimit, seed: flags.seed },
    progress: ({ sweep, sweeps, relativeError }: Sweep) =>
      job.progress(sweep, sweeps, relativeError),
  };
  switch (method) {
    case "hosvd": {
      const found = hosvd(layer, options);
      return ofLayer(found, {
        ranks: [{ of: "directions of outputs", kept: found.rank, all: layer.outputs }],
        ...hosvdComponents(found),
      });
    }
    case "tucker": {
      const found = tucker(layer, { ...sweeping, ...(wanted !== undefined && { rank: pair }) });
      return ofLayer(found, {
        ranks: twoModes(layer, found.rank),
        ...tuckerComponents(found),
      });
    }
    case "tt": {
      const found = tensorTrain(layer, {
        memoryLimit,
        ...(wanted !== undefined && { rank: pair }),
      });
      return ofLayer(found, {
        ranks: twoModes(layer, found.ranks),
        ...trainComponents(layer, found),
      });
    }
    case "cp": {
      const found = cp(layer, { ...sweeping, rank: one });
      return ofLayer(found, {
        ranks: [{ of: "components", kept: found.rank }],
        degenerate: found.degenerate,
        ...cpComponents(found),
      });
    }
    case "dictionary": {
      const found = symmetricCp(layer, { ...sweeping, rank: one });
      return ofLayer(found, {
        ranks: [{ of: "squares", kept: found.rank }],
        degenerate: found.degenerate,
        ...dictionaryComponents(found),
      });
    }
    case "blocks": {
      const found = blockTerm(layer, { ...sweeping, rank: one, blockRank: flags["block-rank"] });
      const kept = found.blocks.length;
      return ofLayer(found, {
        ranks: [{ of: `blocks of up to ${flags["block-rank"]} eigenvectors`, kept }],
        ...blockComponents(found),
      });
    }
  }
}

interface Sweep {
  readonly sweep: number;
  readonly sweeps: number;
  readonly relativeError: number;
}

function twoModes(
  { outputs, inputs, neurons, embedding }: Interactions,
  [a, b]: readonly [number, number],
): Found["ranks"] {
  const all = Math.min(inputs, 2 * neurons, embedding?.matrix.rows ?? inputs);
  return [
    { of: "directions of outputs", kept: a, all: outputs },
    { of: "directions of inputs", kept: b, all },
  ];
}

/** What only a method knows. */
type Own =
  & Pick<Found, "ranks" | "spectra" | "components" | "componentCount">
  & Partial<Pick<Found, "degenerate">>;

function ofLayer(found: LayerApproximation, own: Own): Found {
  const { relativeError, errorBound, converged, trace, parameterCount, toModel } = found;
  const last = own.ranks.at(-1)!;
  return {
    ...{ relativeError, converged, trace, parameterCount, toModel, degenerate: [], ...own },
    against: { of: last.of, most: last.all ?? last.kept, kept: last.kept },
    ...(errorBound !== undefined && { errorBound }),
  };
}

function ofNetwork(found: Odt): Found {
  const { relativeError, errorBound, residual, converged, trace, parameterCount, toModel } = found;
  const { bonds } = found, last = bonds.length - 1;
  return {
    ...{ relativeError, errorBound, residual, converged, trace, parameterCount, toModel },
    ranks: bonds.map(({ rank, singularValues }, state) => ({
      of: state === 0
        ? "directions of the first state"
        : state === last
        ? "directions of outputs"
        : `directions of state ${state}`,
      kept: rank,
      all: singularValues.length,
    })),
    against: {
      of: "directions of every state",
      most: Math.max(...bonds.map(({ singularValues }) => singularValues.length)),
    },
    degenerate: [],
    ...odtComponents(found),
  };
}

/** One line for each thing that a reader of the numbers must know. */
export function notesOf({ degenerate, converged, residual }: Found): string[] {
  const pairs = degenerate.slice(0, 3).map(({ components: [a, b], cosine }) =>
    `${a + 1} and ${b + 1} (cosine ${formatNumber(cosine, 4)})`
  );
  return [
    ...(converged ? [] : ["The sweeps ran out while the error was still falling."]),
    ...(pairs.length > 0
      ? [
        `Components that nearly cancel each other, whose sizes mean nothing on their own: ${
          pairs.join(", ")
        }${degenerate.length > 3 ? ` and ${degenerate.length - 3} pairs more` : ""}.`,
      ]
      : []),
    ...(residual === undefined
      ? []
      : [`Rounding, measured: ${formatNumber(residual, 2)}, relative.`]),
  ];
}
