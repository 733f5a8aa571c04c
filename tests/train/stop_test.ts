import { assert, assertEquals, assertThrows } from "@std/assert";
import * as train from "../../src/train/mod.ts";
import { leakChecked } from "../support/leaks.ts";
import { begin, everything, options, rows } from "./support.ts";

leakChecked("steps() with no time makes no step, and says why it stopped", () => {
  const run = begin(), before = everything(run);
  const events = [...train.steps(run.model, rows, { ...options(run), seconds: 0 })];
  assertEquals(events.map(({ type }) => type), ["stop"]);
  const [stop] = events as [train.StopEvent];
  assertEquals([stop.reason, stop.position.step, stop.position.epoch], ["time", 0, 1]);
  assertEquals(everything(run), before);
  run.free();
});

leakChecked("steps() ends within its time, and goes on from where it stopped", () => {
  const whole = begin();
  for (const _ of train.steps(whole.model, rows, options(whole)));
  const run = begin();
  let from: train.Position | undefined, stops = 0, done = false;
  while (!done) {
    done = true;
    // a little longer every time, so that it stops before, between and after steps
    const given = { ...options(run, from), seconds: 2e-5 * stops };
    for (const event of train.steps(run.model, rows, given)) {
      if (event.type === "stop") {
        stops++;
        done = false;
      }
      from = event.position;
    }
  }
  assert(stops > 0);
  assertEquals(everything(run), everything(whole));
  whole.free();
  run.free();
});

leakChecked("steps() ends before the next step once its signal is aborted", () => {
  const run = begin(), controller = new AbortController();
  const seen: string[] = [];
  let stop: train.StopEvent | undefined;
  for (
    const event of train.steps(run.model, rows, { ...options(run), signal: controller.signal })
  ) {
    seen.push(event.type);
    if (event.type === "step" && event.step === 6) controller.abort();
    if (event.type === "stop") stop = event;
  }
  assertEquals(seen, [...Array(4).fill("step"), "epoch", "step", "step", "stop"]);
  assertEquals([stop!.reason, stop!.position.step, stop!.position.stepInEpoch], ["aborted", 6, 2]);
  const [first] = train.steps(run.model, rows, {
    ...options(run, stop!.position),
    signal: AbortSignal.abort(),
  });
  assertEquals([first!.type, first!.position], ["stop", stop!.position]);
  run.free();
});

leakChecked("steps() refuses a time that is none", () => {
  const run = begin();
  for (const seconds of [-1, NaN, -Infinity]) {
    assertThrows(
      () => train.steps(run.model, rows, { ...options(run), seconds }).next(),
      RangeError,
      `Cannot train for ${seconds} seconds`,
    );
  }
  run.free();
});
