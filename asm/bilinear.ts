// The bilinear layer y = (W x) ⊙ (V x), in its two halves: `halves` [m, 2h] holds W x and then V x in
// every row, as one matrix product made it.
import { at } from "./simd";

/** y [m, h] = left half ⊙ right half of every row of halves [m, 2h] */
export function bilinearForward(m: i32, h: i32, halves: usize, y: usize): void {
  const half = at<f32>(h);
  for (let i = 0; i < m; i++) {
    const left = halves, right = halves + half;
    let j = 0;
    for (; j + 4 <= h; j += 4) {
      const o = at<f32>(j);
      v128.store(y + o, f32x4.mul(v128.load(left + o), v128.load(right + o)));
    }
    for (; j < h; j++) {
      const o = at<f32>(j);
      store<f32>(y + o, load<f32>(left + o) * load<f32>(right + o));
    }
    halves += 2 * half;
    y += half;
  }
}

/** gradient of the halves [m, 2h] from that of y, g [m, h]: (g ⊙ right, g ⊙ left) */
export function bilinearBackward(m: i32, h: i32, halves: usize, g: usize, out: usize): void {
  const half = at<f32>(h);
  for (let i = 0; i < m; i++) {
    const left = halves, right = halves + half;
    let j = 0;
    for (; j + 4 <= h; j += 4) {
      const o = at<f32>(j), d = v128.load(g + o);
      const l = v128.load(left + o), r = v128.load(right + o);
      v128.store(out + o, f32x4.mul(d, r));
      v128.store(out + half + o, f32x4.mul(d, l));
    }
    for (; j < h; j++) {
      const o = at<f32>(j), d = load<f32>(g + o);
      const l = load<f32>(left + o), r = load<f32>(right + o);
      store<f32>(out + o, d * r);
      store<f32>(out + half + o, d * l);
    }
    halves += 2 * half;
    out += 2 * half;
    g += half;
  }
}
