import { type Address, doubles, product, withBlocks } from "../kernels/mod.ts";

/** A row-major tensor seen around one mode: the entries before it, its size, the entries after it. */
export type Around = readonly [before: number, size: number, after: number];

/** How many entries a shape has. */
export function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Sizes before, of and after one mode. */
export function around(shape: readonly number[], mode: number): Around {
  return [count(shape.slice(0, mode)), shape[mode]!, count(shape.slice(mode + 1))];
}

/** Runs `body` with copies of the arrays in the kernels' memory. */
export function stored<T>(
  arrays: readonly Float64Array[],
  body: (...addresses: Address[]) => T,
): T {
  return withBlocks(arrays.map((array) => array.byteLength), (...addresses) => {
    addresses.forEach((at, i) => doubles(at, arrays[i]!.length).set(arrays[i]!));
    return body(...addresses);
  });
}

/**
 * Y [before, m, after] = M·X along a mode, in the kernels' memory, for M [m, size], or for Mᵀ of a factor
 * [size, m] that is stored as it is.
 */
export function multiplyMode(
  x: Address,
  [before, size, after]: Around,
  matrix: Address,
  m: number,
  form: "plain" | "transposed",
  y: Address,
): void {
  if (after === 1) {
    product({
      ...{ type: "f64", form: form === "plain" ? "NT" : "NN", m: before, n: m, k: size },
      ...{ a: x, b: matrix, c: y },
    });
    return;
  }
  for (let i = 0; i < before; i++) {
    product({
      ...{ type: "f64", form: form === "plain" ? "NN" : "TN", m, n: after, k: size },
      ...{ a: matrix, b: x + i * size * after * 8, c: y + i * m * after * 8 },
    });
  }
}

/** The unfolding [size, before·after] of row-major entries. */
export function unfolded(data: Float64Array, [before, size, after]: Around): Float64Array {
  if (before === 1) return data.slice();
  const result = new Float64Array(data.length), row = before * after;
  for (let b = 0; b < before; b++) {
    for (let i = 0, from = b * size * after; i < size; i++, from += after) {
      if (after === 1) result[i * row + b] = data[from]!;
      else result.set(data.subarray(from, from + after), i * row + b * after);
    }
  }
  return result;
}

/** Row-major entries of an unfolding [size, before·after]. */
export function folded(data: Float64Array, [before, size, after]: Around): Float64Array {
  if (before === 1) return data.slice();
  const result = new Float64Array(data.length), row = before * after;
  for (let b = 0; b < before; b++) {
    for (let i = 0, to = b * size * after; i < size; i++, to += after) {
      if (after === 1) result[to] = data[i * row + b]!;
      else result.set(data.subarray(i * row + b * after, i * row + (b + 1) * after), to);
    }
  }
  return result;
}

/** Gram matrix [size, size] of an unfolding, at an address, without unfolding. */
export function gramAt(x: Address, [before, size, after]: Around): Float64Array {
  return withBlocks([size * size * 8], (gram) => {
    const square = { type: "f64", m: size, n: size, c: gram! } as const;
    if (after === 1) product({ ...square, form: "TN", k: before, a: x, b: x });
    else {
      for (let i = 0; i < before; i++) {
        const slice = x + i * size * after * 8;
        product({ ...square, form: "NT", k: after, a: slice, b: slice, accumulate: i > 0 });
      }
    }
    return doubles(gram!, size * size).slice();
  });
}
