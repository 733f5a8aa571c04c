// Which generated micro-kernel multiplies the strip in the window by packed panels: by type, by build, by
// the height of the strip, and unrolled or rolled as the engine likes it. All give the same sums.
import {
  fused_f32_4_rolled,
  fused_f32_4x16,
  fused_f32_4x64,
  fused_f32_6_rolled,
  fused_f32_6x16,
  fused_f32_6x64,
  fused_f64_6_rolled,
  fused_f64_6x16,
  fused_f64_6x64,
  separate_f32_4_rolled,
  separate_f32_4x16,
  separate_f32_4x64,
  separate_f32_5_rolled,
  separate_f32_5x16,
  separate_f32_5x64,
  separate_f64_5_rolled,
  separate_f64_5x16,
  separate_f64_5x64,
} from "./generated/micro_kernels";

/** Steps of the inner dimension a micro-kernel takes. */
export const SLAB: i32 = 64;
/** The same where fewer are left. */
export const SHORT_SLAB: i32 = 16;

/** One panel times the strip in the window, by the kernel that loops. */
function panel<T>(low: bool, slab: i32, b: usize, c: usize, row: usize, accumulate: bool): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (sizeof<T>() == 8) fused_f64_6_rolled(slab, b, c, row, accumulate);
    else if (low) fused_f32_4_rolled(slab, b, c, row, accumulate);
    else fused_f32_6_rolled(slab, b, c, row, accumulate);
  } else {
    if (sizeof<T>() == 8) separate_f64_5_rolled(slab, b, c, row, accumulate);
    else if (low) separate_f32_4_rolled(slab, b, c, row, accumulate);
    else separate_f32_5_rolled(slab, b, c, row, accumulate);
  }
}

/**
 * Panels of a slab times the strip in the window: a tall strip, or a low one where T is f32. Which kernel,
 * the unrolled or the rolled one, changes no bit.
 */
export function tile<T>(
  low: bool,
  rolled: bool,
  slab: i32,
  panels: i32,
  b: usize,
  c: usize,
  row: usize,
  accumulate: bool,
): void {
  if (rolled) {
    for (let j = 0; j < panels; j++) {
      panel<T>(low, slab, b, c, row, accumulate);
      b += <usize> (32 * slab);
      c += 32;
    }
    return;
  }
  const long = slab == SLAB;
  if (ASC_FEATURE_RELAXED_SIMD) {
    if (sizeof<T>() == 8) {
      if (long) fused_f64_6x64(panels, b, c, row, accumulate);
      else fused_f64_6x16(panels, b, c, row, accumulate);
    } else if (low) {
      if (long) fused_f32_4x64(panels, b, c, row, accumulate);
      else fused_f32_4x16(panels, b, c, row, accumulate);
    } else {
      if (long) fused_f32_6x64(panels, b, c, row, accumulate);
      else fused_f32_6x16(panels, b, c, row, accumulate);
    }
  } else {
    if (sizeof<T>() == 8) {
      if (long) separate_f64_5x64(panels, b, c, row, accumulate);
      else separate_f64_5x16(panels, b, c, row, accumulate);
    } else if (low) {
      if (long) separate_f32_4x64(panels, b, c, row, accumulate);
      else separate_f32_4x16(panels, b, c, row, accumulate);
    } else {
      if (long) separate_f32_5x64(panels, b, c, row, accumulate);
      else separate_f32_5x16(panels, b, c, row, accumulate);
    }
  }
}
