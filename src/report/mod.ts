/**
 * Figures and pages from plain data: every mark is a function from numbers to an SVG string, and
 * {@linkcode page} puts them into one HTML file that needs no script and no network.
 *
 * Figures follow the reader's light or dark theme through CSS variables (see {@linkcode themeCss}),
 * describe themselves to screen readers, and show exact values as tooltips.
 *
 * @example
 * ```ts
 * import { lineChart, page, spectrum } from "@odot/odot/report";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const loss = lineChart(
 *   [{ name: "training", points: [[1, 0.31], [2, 0.12], [3, 0.08]] }],
 *   { title: "Loss", xLabel: "epoch", yLabel: "cross entropy in nats" },
 * );
 * const values = spectrum([2.1, 0.4, -0.3, -1.7], { title: "Eigenvalues of digit 3" });
 * const html = page({
 *   title: "Digits",
 *   sections: [{
 *     title: "Training",
 *     figures: [{ svg: loss, caption: "Loss by epoch." }, { svg: values, caption: "Spectrum." }],
 *   }],
 * });
 * assertStringIncludes(html, "</html>");
 * ```
 *
 * @module
 */

export { barChart } from "./bar_chart.ts";
export type { Bar, BarChartOptions } from "./bar_chart.ts";
export {
  certifiedAccuracy,
  intervalFactor,
  medianRadius,
  tellingRadii,
} from "./certified_findings.ts";
export type { AttackedAccuracy, CertifiedFindings } from "./certified_findings.ts";
export { certifiedFacts, certifiedSections } from "./certified_sections.ts";
export { componentFigures, spectraFigures } from "./decomposition_figures.ts";
export type {
  Component,
  ComponentOptions,
  ComponentVector,
  ModeSpectrum,
} from "./decomposition_figures.ts";
export { decompositionReport } from "./decomposition_report.ts";
export type { DecompositionReportOptions } from "./decomposition_report.ts";
export { diverging, divergingPalette } from "./color.ts";
export type { Rgba } from "./color.ts";
export { confusionMatrix } from "./confusion_matrix.ts";
export type { ConfusionMatrixOptions } from "./confusion_matrix.ts";
export type { ExplanationRow, ExplanationVector } from "./contribution_row.ts";
export { contributions } from "./contributions.ts";
export type { ContributionsOptions, Explanation } from "./contributions.ts";
export { formatNumber, formatPercent, formatSigned } from "./format.ts";
export { heatMap } from "./heat_map.ts";
export type { HeatMapOptions } from "./heat_map.ts";
export { page } from "./html.ts";
export type { Fact, Page, PageFigure, PageSection, PageTable } from "./html.ts";
export { imageGrid } from "./image_grid.ts";
export type { ImageGridOptions } from "./image_grid.ts";
export { counterfactuals } from "./counterfactuals.ts";
export type { Counterfactual, CounterfactualsOptions } from "./counterfactuals.ts";
export { lineChart } from "./line_chart.ts";
export type { LineChartOptions, Reference, Series } from "./line_chart.ts";
export { eigenvectorAtlas } from "./eigenvector_atlas.ts";
export type { AtlasRow, AtlasVector, EigenvectorAtlasOptions } from "./eigenvector_atlas.ts";
export { errorFigure } from "./error_figure.ts";
export type { RankError } from "./error_figure.ts";
export { explanationOf } from "./example_sections.ts";
export type { ExplanationSource } from "./example_sections.ts";
export { modelFindings, sufficientRank } from "./model_findings.ts";
export type { Exactness, ModelFindings, ReportProgress } from "./model_findings.ts";
export { modelReport } from "./model_report.ts";
export type { ModelReportOptions, TrainingPoint } from "./model_report.ts";
export { encodePng } from "./png.ts";
export type { Bitmap } from "./png.ts";
export type { ImageScale, ImageSize } from "./raster.ts";
export { extent, linearScale, logScale } from "./scale.ts";
export type { Scale, Tick } from "./scale.ts";
export { similarityReport } from "./similarity_report.ts";
export type { SimilarityReportOptions } from "./similarity_report.ts";
export { spectrum } from "./spectrum.ts";
export type { SpectrumOptions } from "./spectrum.ts";
export { escape } from "./svg.ts";
export { themeCss } from "./theme.ts";
