import {
  type BlockTerm,
  type Cp,
  eigen,
  type Hosvd,
  hosvd,
  inputModes,
  type Interactions,
  type Odt,
  type SymmetricCp,
  type TensorTrain,
  type Tucker,
} from "../decompose/mod.ts";
import type { Matrix } from "../linalg/mod.ts";
import { type Component, formatNumber, type ModeSpectrum } from "../report/mod.ts";

/** What a page shows of a decomposition. */
export interface Shown {
  readonly spectra: () => ModeSpectrum[];
  readonly components: (most: number) => Component[];
  readonly componentCount: number;
}

/** Eigenvectors that are drawn of one form. */
const VECTORS = 4;

function row({ columns, data }: Matrix, index: number): Float64Array {
  return data.subarray(index * columns, (index + 1) * columns);
}

function column({ rows, columns, data }: Matrix, index: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => data[i * columns + index]!);
}

/** The first parts of so many. */
function parts<T>(count: number, part: (index: number) => T): (most: number) => T[] {
  return (most) => Array.from({ length: Math.min(most, count) }, (_, index) => part(index));
}

function sized(what: string, index: number, size: number): string {
  return `${what} ${index + 1}, size ${formatNumber(size)}`;
}

/** Directions of outputs, each with the leading eigenvectors of its form. */
export function hosvdComponents({ singularValues, directions, forms, rank }: Hosvd): Shown {
  return {
    spectra: () => [{ name: "outputs", values: singularValues, kept: rank }],
    componentCount: rank,
    components: parts(rank, (i) => {
      const { values, vectors } = eigen(forms[i]!, { rank: VECTORS });
      return {
        name: sized("direction", i, singularValues[i]!),
        vectors: [...values.keys()].map((k) => ({
          name: `λ = ${formatNumber(values[k]!)}`,
          values: row(vectors, k),
        })),
        classWeights: row(directions, i),
      };
    }),
  };
}

/** Directions of inputs p, and what (p·x)² counts in each class. */
export function tuckerComponents(found: Tucker): Shown {
  const { core, outputFactor, inputFactor, inputSpectrum, outputSpectrum, rank } = found;
  const [kept, width] = rank;
  return {
    spectra: () => [
      { name: "outputs", values: outputSpectrum, kept },
      { name: "inputs", values: inputSpectrum, kept: width },
    ],
    componentCount: width,
    components: parts(width, (i) => ({
      name: sized("direction of inputs", i, inputSpectrum[i] ?? 0),
      vectors: [{ name: "", values: row(inputFactor, i) }],
      classWeights: Float64Array.from({ length: outputFactor.columns }, (_, o) => {
        let sum = 0;
        for (let a = 0; a < kept; a++) {
          sum += row(outputFactor, a)[o]! * core.data[(a * width + i) * width + i]!;
        }
        return sum;
      }),
    })),
  };
}

/** Directions of inputs p, and what (p·x)² counts in each class. */
export function trainComponents(
  layer: Interactions,
  { ranks, cores, interactions }: TensorTrain,
): Shown {
  const [first, second] = ranks, { inputs } = layer;
  const directions = cores[2];
  return {
    spectra: () => [
      { name: "outputs", values: hosvd(layer).singularValues, kept: first },
      { name: "inputs", values: inputModes(layer).singularValues, kept: second },
    ],
    componentCount: second,
    components: parts(second, (j) => {
      const values = directions.data.slice(j * inputs, (j + 1) * inputs);
      return {
        name: `direction of inputs ${j + 1}`,
        vectors: [{ name: "", values }],
        classWeights: alongs(interactions, values),
      };
    }),
  };
}

/** pᵀQp of every output's form. */
function alongs({ left, right, readout }: Interactions, p: Float64Array): Float64Array {
  const dot = (side: Matrix, k: number): number =>
    row(side, k).reduce((sum, value, i) => sum + value * p[i]!, 0);
  const products = Array.from({ length: left.rows }, (_, k) => dot(left, k) * dot(right, k));
  return Float64Array.from(
    { length: readout.rows },
    (_, o) => row(readout, o).reduce((sum, value, k) => sum + value * products[k]!, 0),
  );
}

/** Neurons, each with its two vectors. */
export function cpComponents(found: Cp): Shown {
  const { weights, leftFactors, rightFactors, outputFactors, rank } = found;
  return {
    spectra: () => [{ name: "components", of: "size", values: weights }],
    componentCount: rank,
    components: parts(rank, (r) => ({
      name: sized("component", r, weights[r]!),
      vectors: [
        { name: "left", values: row(leftFactors, r) },
        { name: "right", values: row(rightFactors, r) },
      ],
      classWeights: row(outputFactors, r).map((value) => value * weights[r]!),
    })),
  };
}

/** Squares, each with its vector. */
export function dictionaryComponents({ atoms, loadings, rank }: SymmetricCp): Shown {
  const size = (r: number): number => Math.hypot(...column(loadings, r));
  return {
    spectra: () => [{ name: "squares", of: "size", values: [...Array(rank).keys()].map(size) }],
    componentCount: rank,
    components: parts(rank, (r) => ({
      name: sized("square", r, size(r)),
      vectors: [{ name: "", values: row(atoms, r) }],
      classWeights: column(loadings, r),
    })),
  };
}

/** Blocks, each with its eigenvectors. */
export function blockComponents({ blocks }: BlockTerm): Shown {
  const size = (b: number): number => Math.hypot(...blocks[b]!.values);
  return {
    spectra: () => [{ name: "blocks", of: "size", values: [...blocks.keys()].map(size) }],
    componentCount: blocks.length,
    components: parts(blocks.length, (b) => {
      const { pattern, values, vectors } = blocks[b]!;
      return {
        name: sized("block", b, size(b)),
        vectors: [...values.keys()].slice(0, VECTORS).map((k) => ({
          name: `λ = ${formatNumber(values[k]!)}`,
          values: row(vectors, k),
        })),
        classWeights: pattern,
      };
    }),
  };
}

/** States, each with its spectrum; what the first state sees of the inputs. */
export function odtComponents({ bonds, deep }: Odt): Shown {
  const { embedding, constant } = deep, first = constant ? 1 : 0, last = bonds.length - 1;
  const count = embedding ? embedding.rows - first : 0;
  return {
    spectra: () =>
      bonds.map(({ singularValues, rank }, state) => ({
        name: state === 0 ? "first state" : state === last ? "outputs" : `state ${state}`,
        values: singularValues,
        kept: rank,
      })),
    componentCount: count,
    components: parts(count, (i) => ({
      name: sized("direction of inputs", i, bonds[0]!.singularValues[i] ?? 0),
      vectors: [{
        name: `${i + 1}: ${formatNumber(bonds[0]!.singularValues[i] ?? 0)}`,
        values: row(embedding!, i + first).subarray(first),
      }],
    })),
  };
}
