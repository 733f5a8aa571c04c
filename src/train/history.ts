import type { EpochEvent } from "./fit_types.ts";

/** Columns of a history, in order. */
const COLUMNS: readonly (keyof HistoryRow)[] = [
  "epoch",
  "loss",
  "trainingAccuracy",
  "accuracy",
  "validationLoss",
  "learningRate",
  "seconds",
  "rowsPerSecond",
];

/** What a history keeps of an epoch. */
export type HistoryRow = Pick<
  EpochEvent,
  | "epoch"
  | "loss"
  | "trainingAccuracy"
  | "accuracy"
  | "validationLoss"
  | "learningRate"
  | "seconds"
  | "rowsPerSecond"
>;

/** Epochs as JSON lines: one object a line; a value that was not measured is left out. */
export function historyJsonLines(events: readonly HistoryRow[]): string {
  return events.map((event) =>
    JSON.stringify(Object.fromEntries(COLUMNS.map((column) => [column, event[column]]))) + "\n"
  ).join("");
}

/** Epochs as CSV with a header; a value that was not measured is empty. */
export function historyCsv(events: readonly HistoryRow[]): string {
  const rows = events.map((event) => COLUMNS.map((column) => event[column] ?? "").join(","));
  return [COLUMNS.join(","), ...rows].map((row) => row + "\r\n").join("");
}
