import { matmul, type Matrix, matrix } from "../linalg/mod.ts";
import { type BilinearMap, picked } from "./deep_interactions.ts";

/**
 * The same map with fewer neurons where there are such: none that nothing reads; those that are linear, as
 * residuals make them, summed up to one an output; and at most ½·n·(n + 1) for a state of n numbers, the
 * products of two of them.
 */
export function fewerNeurons(map: BilinearMap, constant: boolean): BilinearMap {
  const read = withLinearSummed(withoutUnread(map), constant), size = map.left.columns;
  return size * (size + 1) / 2 < read.left.rows ? asProducts(map) : read;
}

function withoutUnread({ left, right, readout }: BilinearMap): BilinearMap {
  const { rows, columns, data } = readout;
  const read = all(columns).filter((k) => all(rows).some((o) => data[o * columns + k] !== 0));
  if (read.length === columns || read.length === 0) return { left, right, readout };
  return {
    left: picked(left, read, all(left.columns)),
    right: picked(right, read, all(right.columns)),
    readout: picked(readout, all(rows), read),
  };
}

/** Neurons with one side a multiple of the constant, as one neuron (linear form) · 1 an output. */
function withLinearSummed(map: BilinearMap, constant: boolean): BilinearMap {
  if (!constant) return map;
  const { left, right, readout } = map, size = left.columns;
  const linear = all(left.rows).filter((k) => isMultiple(left, k) !== isMultiple(right, k));
  const { rows, columns, data } = readout;
  const readers = all(rows).filter((o) => linear.some((k) => data[o * columns + k] !== 0));
  if (linear.length <= readers.length) return map;
  const others = all(left.rows).filter((k) => !linear.includes(k));
  const count = others.length + readers.length, wide = all(size);
  const a = matrix(count, size, [
    ...picked(left, others, wide).data,
    ...new Float64Array(readers.length * size),
  ]);
  const b = matrix(count, size, [
    ...picked(right, others, wide).data,
    ...new Float64Array(readers.length * size),
  ]);
  const out = matrix(rows, count);
  all(rows).forEach((o) =>
    others.forEach((k, i) => out.data[o * count + i] = data[o * columns + k]!)
  );
  readers.forEach((o, i) => {
    const row = others.length + i;
    out.data[o * count + row] = b.data[row * size] = 1;
    for (const k of linear) {
      const [form, factor] = isMultiple(right, k) ? [left, right] : [right, left];
      const weight = data[o * columns + k]! * factor.data[k * size]!;
      for (let j = 0; j < size; j++) {
        a.data[row * size + j] = a.data[row * size + j]! + weight * form.data[k * size + j]!;
      }
    }
  });
  return { left: a, right: b, readout: out };
}

/** Whether one side of a neuron is a multiple of the constant. */
export function isMultiple({ columns, data }: Matrix, k: number): boolean {
  return data.subarray(k * columns + 1, (k + 1) * columns).every((value) => value === 0);
}

function asProducts({ left, right, readout }: BilinearMap): BilinearMap {
  const size = left.columns, count = size * (size + 1) / 2;
  const products = matrix(left.rows, count), a = matrix(count, size), b = matrix(count, size);
  let at = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++, at++) {
      a.data[at * size + i] = b.data[at * size + j] = 1;
      for (let k = 0; k < left.rows; k++) {
        const l = left.data, r = right.data, row = k * size;
        products.data[k * count + at] = i === j
          ? l[row + i]! * r[row + i]!
          : l[row + i]! * r[row + j]! + l[row + j]! * r[row + i]!;
      }
    }
  }
  return { left: a, right: b, readout: matmul(readout, products) };
}

function all(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
