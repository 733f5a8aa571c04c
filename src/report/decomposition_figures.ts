/**
 * Figures of a decomposition: the spectrum of every mode, and components with what they mean to each class.
 *
 * @module
 */

import { barChart, largestEntries } from "./bar_chart.ts";
import { formatPercent } from "./format.ts";
import type { PageFigure } from "./html.ts";
import { imageGrid } from "./image_grid.ts";
import { lineChart } from "./line_chart.ts";
import type { ImageSize } from "./raster.ts";
import { spectrum } from "./spectrum.ts";

/** Values of one mode, bond or form: singular values, or eigenvalues of both signs. */
export interface ModeSpectrum {
  /** What was cut: "outputs", "state 2", "class 3". */
  readonly name: string;
  /** Singular values or eigenvalues, in any order. */
  readonly values: ArrayLike<number>;
  /** What the values are; singular values or, where they have both signs, eigenvalues unless told. */
  readonly of?: string;
  /** How many of the largest by magnitude were kept; all unless told. */
  readonly kept?: number;
}

/** A vector of a component over the inputs. */
export interface ComponentVector {
  /** What it is: "left", "λ = 3.1". */
  readonly name: string;
  /** Entries [inputs]. */
  readonly values: ArrayLike<number>;
}

/** One part of a decomposition. */
export interface Component {
  /** What it is: "component 1, size 12.3". */
  readonly name: string;
  /** Its vectors over the inputs; none unless told. */
  readonly vectors?: readonly ComponentVector[];
  /** How much of it each class takes, and with which sign [classes]; not shown unless told. */
  readonly classWeights?: ArrayLike<number>;
}

/** How inputs and classes are shown. */
export interface ComponentOptions {
  /** Names of the classes [outputs]. */
  readonly classes: readonly string[];
  /** Width and height of an input where it is an image; its largest entries are drawn as bars otherwise. */
  readonly image?: ImageSize;
}

/** Eigenvalues that are drawn of one form. */
const DRAWN = 48;
/** Share of the largest below which singular values are rounding, and would fill the plane. */
const ROUNDING = 1e-13;

/**
 * One figure for each spectrum: bars where values have both signs, and a falling line on a logarithmic
 * scale where none is below zero, with a mark at the rank that was kept.
 *
 * @example
 * ```ts
 * import { spectraFigures } from "@odot/odot/report";
 * const [figure] = spectraFigures([{ name: "outputs", values: [5, 2, 0.1], kept: 2 }]);
 * console.log(figure!.caption); // "Outputs: 2 of 3 kept, with 100% of Σσ²."
 * ```
 */
export function spectraFigures(spectra: readonly ModeSpectrum[]): PageFigure[] {
  return spectra.map(({ name, values, of, kept = values.length }) => {
    const all = Array.from(values), sizes = all.map(Math.abs).sort((a, b) => b - a);
    const top = sizes[0] ?? 0,
      energy = (some: readonly number[]): number =>
        some.reduce((sum, value) => sum + (top > 0 ? value / top : 0) ** 2, 0);
    const share = energy(sizes) > 0 ? energy(sizes.slice(0, kept)) / energy(sizes) : 1;
    const signed = all.some((value) => value < 0), sign = signed ? "λ" : "σ";
    const said = kept < all.length
      ? `${kept} of ${all.length} kept, with ${formatPercent(share)} of Σ${sign}²`
      : `all ${all.length} kept`;
    const title = `Spectrum of ${name}`, caption = `${capital(name)}: ${said}.`;
    if (signed) {
      const label = of === undefined ? {} : { yLabel: of };
      return { svg: spectrum(all, { title, height: 190, most: DRAWN, ...label }), caption };
    }
    const points = sizes.map((value, i) => [i + 1, value > top * ROUNDING ? value : NaN] as const);
    return {
      svg: lineChart([{ name: "", points }], {
        title,
        xLabel: "number",
        yLabel: of ?? "singular value",
        yScale: "log",
        height: 230,
        ...(kept < all.length
          ? { references: [{ value: kept + 0.5, label: `${kept} kept`, axis: "x" as const }] }
          : {}),
      }),
      caption,
    };
  });
}

/**
 * For each component its vectors, as images where inputs are images, and bars that say what it adds to
 * each class.
 *
 * @throws {TypeError} where a vector has not the size of the image, or weights are not one for each class.
 * @example
 * ```ts
 * import { componentFigures } from "@odot/odot/report";
 * const figures = componentFigures([{
 *   name: "component 1",
 *   vectors: [{ name: "left", values: [1, 0, 0, -1] }, { name: "right", values: [0, 1, 1, 0] }],
 *   classWeights: [0.5, -2],
 * }], { classes: ["slash", "ring"], image: { width: 2, height: 2 } });
 * console.log(figures.length); // 2: images, and bars beside them
 * ```
 */
export function componentFigures(
  components: readonly Component[],
  { classes, image }: ComponentOptions,
): PageFigure[] {
  for (const { name, classWeights } of components) {
    if (classWeights && classWeights.length !== classes.length) {
      throw new TypeError(
        `Cannot draw ${name}: ${classWeights.length} weights for ${classes.length} classes`,
      );
    }
  }
  if (image && components.length > 1 && components.every(isSingle)) {
    return [{
      svg: imageGrid(components.map(({ vectors }) => vectors![0]!.values), {
        ...{ ...image, title: "Components", columns: 6, size: large(image, 140) },
        captions: components.map(({ name, vectors }) => vectors![0]!.name || name),
      }),
      caption: "The largest first.",
    }];
  }
  return components.flatMap(({ name, vectors = [], classWeights }) => [
    ...vectorFigures(name, vectors, image),
    ...(classWeights
      ? [{
        svg: barChart(
          classes.map((label, i) => ({ label, value: classWeights[i]! })),
          { title: `Class weights of ${name}`, width: 420 },
        ),
        caption: `${capital(name)}: its weight in each class.`,
      }]
      : []),
  ]);
}

/** Whether a component is one image and nothing more. */
function isSingle({ vectors = [], classWeights }: Component): boolean {
  return vectors.length === 1 && classWeights === undefined;
}

function vectorFigures(
  name: string,
  vectors: readonly ComponentVector[],
  image: ImageSize | undefined,
): PageFigure[] {
  if (!image || vectors.length === 0) {
    return vectors.map((vector) => ({
      svg: barChart(largestEntries(vector.values), { title: `Entries of ${vector.name} ${name}` }),
      caption: `${[capital(name), vector.name].filter(Boolean).join(", ")}: the largest entries.`,
    }));
  }
  const named = vectors.some((vector) => vector.name !== "");
  return [{
    svg: imageGrid(vectors.map(({ values }) => values), {
      ...{ ...image, title: `Vectors of ${name}` },
      ...(vectors.length > 2 ? {} : { size: large(image, 190) }),
      ...(named && { captions: vectors.map((vector) => vector.name) }),
    }),
    caption: `${capital(name)}.`,
    wide: false,
  }];
}

/** The multiple of an image's longer side nearest to a length, so that every pixel has the same size. */
function large({ width, height }: ImageSize, length: number): number {
  const longer = Math.max(width, height);
  return longer > length ? length : Math.round(length / longer) * longer;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
