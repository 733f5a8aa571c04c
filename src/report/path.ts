/**
 * Lines through points, with gaps where a point has no place.
 *
 * @module
 */

import { round } from "./svg.ts";

/** A position [x, y] in user units. */
export type Position = readonly [x: number, y: number];

/** Positions in unbroken stretches: a NaN in either coordinate ends one. */
export function stretches(positions: readonly Position[]): Position[][] {
  const all: Position[][] = [];
  let current: Position[] = [];
  for (const position of positions) {
    if (Number.isFinite(position[0]) && Number.isFinite(position[1])) current.push(position);
    else if (current.length > 0) {
      all.push(current);
      current = [];
    }
  }
  if (current.length > 0) all.push(current);
  return all;
}

/**
 * Leaves out what cannot be seen: of the positions in one column of half a user unit, only the
 * first, the highest, the lowest and the last remain, in order.
 */
export function thin(positions: readonly Position[]): Position[] {
  if (positions.length < 400) return [...positions];
  const kept: Position[] = [];
  for (let start = 0; start < positions.length;) {
    const column = Math.floor(positions[start]![0] * 2);
    let end = start, high = start, low = start;
    while (end < positions.length && Math.floor(positions[end]![0] * 2) === column) {
      if (positions[end]![1] > positions[low]![1]) low = end;
      if (positions[end]![1] < positions[high]![1]) high = end;
      end++;
    }
    const chosen = [...new Set([start, low, high, end - 1])].sort((a, b) => a - b);
    for (const index of chosen) kept.push(positions[index]!);
    start = end;
  }
  return kept;
}

/** The `d` of a path through positions. */
export function pathThrough(positions: readonly Position[]): string {
  return positions.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join(
    "",
  );
}
