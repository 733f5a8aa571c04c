import { assertEquals } from "@std/assert";
import { readCsv } from "../../src/data/mod.ts";
import * as train from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { begin, options, rows } from "./support.ts";

const columns = [
  ...["epoch", "loss", "trainingAccuracy", "accuracy", "validationLoss"],
  ...["learningRate", "seconds", "rowsPerSecond"],
];

leakChecked("historyCsv() and historyJsonLines() say of every epoch what its event says", () => {
  const run = begin({ schedule: "cosine" });
  const events = [...train.fit(run.model, rows, { ...options(run), validation: rows })];
  run.free();
  const csv = train.historyCsv(events);
  assertEquals(csv.split("\r\n").length, events.length + 2); // the header, and nothing after the last
  assertEquals(csv.split("\r\n")[0], columns.join(","));
  assertEquals(readCsv(csv).columns, columns);
  const lines = train.historyJsonLines(events).split("\n");
  assertEquals(lines.pop(), "");
  events.forEach((event, i) => {
    const values = columns.map((name) => event[name as keyof train.HistoryRow]);
    assertEquals(csv.split("\r\n")[i + 1]!.split(",").map(Number), values);
    assertEquals(JSON.parse(lines[i]!), Object.fromEntries(columns.map((c, k) => [c, values[k]])));
  });
});

leakChecked("historyCsv() leaves a loss empty that was not measured", () => {
  const run = begin(), [event] = [...train.fit(run.model, rows, options(run))];
  run.free();
  const fields = train.historyCsv([event!]).split("\r\n")[1]!.split(",");
  assertEquals([fields.length, fields[4]], [columns.length, ""]);
  assertEquals("validationLoss" in JSON.parse(train.historyJsonLines([event!])), false);
});

Deno.test("a history of no epochs is a header alone, or nothing", () => {
  assertEquals(train.historyCsv([]), columns.join(",") + "\r\n");
  assertEquals(train.historyJsonLines([]), "");
});
