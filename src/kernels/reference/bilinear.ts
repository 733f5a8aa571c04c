import type { Floats } from "./arrays.ts";

// The two halves of a bilinear layer lie side by side: `halves` [m, 2h] holds W x, then V x, in each row.

/** Left ⊙ right [m, h] */
export function bilinearForward(m: number, h: number, halves: Floats): Floats {
  const y = new Float32Array(m * h);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < h; j++) {
      y[i * h + j] = halves[i * 2 * h + j]! * halves[i * 2 * h + h + j]!;
    }
  }
  return y;
}

/** Gradient of the halves [m, 2h], (g ⊙ right, g ⊙ left), from g [m, h], that of left ⊙ right */
export function bilinearBackward(m: number, h: number, halves: Floats, g: Floats): Floats {
  const out = new Float32Array(m * 2 * h);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < h; j++) {
      const left = i * 2 * h + j, right = left + h;
      out[left] = g[i * h + j]! * halves[right]!;
      out[right] = g[i * h + j]! * halves[left]!;
    }
  }
  return out;
}
