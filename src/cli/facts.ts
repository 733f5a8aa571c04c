import type { Fact } from "../report/mod.ts";
import type { TrainingRecord } from "./record.ts";

/** What a report says of how a model was trained. */
export function reportFacts(record: TrainingRecord | undefined): Fact[] {
  if (!record) return [];
  return [
    { label: "Seed", value: String(record.seed) },
    ...(record.interrupted ? [{ label: "Interrupted in", value: record.interrupted }] : []),
  ];
}
