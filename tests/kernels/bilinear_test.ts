import * as reference from "../../src/kernels/reference/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { invoke, unwritten } from "../support/canary.ts";
import { numbers } from "../support/numbers.ts";
import { PAIRS } from "../support/sizes.ts";
import { assertSame } from "../support/tolerances.ts";

inBothBuilds("bilinearForward() equals its twin", () => {
  for (const [m, h] of PAIRS) {
    const halves = numbers(m + h).floats(m * 2 * h);
    const { after } = invoke("bilinearForward", m, h, halves, unwritten(m * h));
    assertSame(after[1]!, reference.bilinearForward(m, h, halves), `${m}×${h}`);
    assertSame(after[0]!, halves, `${m}×${h}: input`);
  }
});

inBothBuilds("bilinearBackward() equals its twin", () => {
  for (const [m, h] of PAIRS) {
    const halves = numbers(m).floats(m * 2 * h), g = numbers(h).floats(m * h);
    const { after } = invoke("bilinearBackward", m, h, halves, g, unwritten(m * 2 * h));
    assertSame(after[2]!, reference.bilinearBackward(m, h, halves, g), `${m}×${h}`);
    assertSame(after[0]!, halves, `${m}×${h}: halves`);
    assertSame(after[1]!, g, `${m}×${h}: gradient`);
  }
});
