import type { Box } from "./box.ts";
import { convexBound, type Convexifier, type Part, wholeBox } from "./box_convex.ts";

/** Where branch and bound stands. */
export interface BranchResult {
  /** Proven: no input of the box has a smaller value. */
  readonly lower: number;
  /** Smallest value seen. */
  readonly upper: number;
  /** Where it was seen. */
  readonly point: Float64Array;
  /** Parts that were bounded. */
  readonly nodes: number;
}

interface Node extends Part {
  readonly bound: number;
  readonly point: Float64Array;
}

/** What branch and bound needs to know. */
export interface BranchSettings {
  /** Evaluates a point: an upper bound of its value, and the point, perhaps improved. */
  readonly search: (
    start: Float64Array,
  ) => { readonly value: number; readonly point: Float64Array };
  /** The best point so far. */
  readonly best: { readonly value: number; readonly point: Float64Array };
  /** A lower bound that is already proven. */
  readonly known: number;
  /** Stop when lower and upper are this close. */
  readonly tolerance: number;
  /** Stop when the lower bound exceeds this, or the upper falls below it. */
  readonly goal: number | undefined;
  /** Whether time is up. */
  readonly expired: () => boolean;
}

/**
 * Branch and bound: the part with the lowest bound is cut in two where its convex function is furthest
 * below the form, across a coordinate or across a direction of strong negative curvature. Every bound is
 * proven, so the result is one whenever it stops.
 */
export function branch(
  convex: Convexifier,
  box: Box,
  start: Float64Array,
  settings: BranchSettings,
): BranchResult {
  const open: Node[] = [];
  let { value: upper, point } = settings.best, closed = Infinity, nodes = 0;
  const scale = (): number => settings.tolerance / 10;
  const visit = (part: Part, from: Float64Array, least: number): void => {
    const found = convexBound(convex, part, from, { sweeps: 100, tolerance: scale() });
    const bound = Math.max(found.lower, least);
    nodes++;
    const seen = settings.search(found.point);
    if (seen.value < upper) ({ value: upper, point } = seen);
    if (bound >= upper - settings.tolerance) closed = Math.min(closed, bound);
    else push(open, { ...part, bound, point: found.point });
  };
  const lowest = (): number => Math.min(open[0]?.bound ?? Infinity, closed, upper);
  visit(wholeBox(convex, box), start, settings.known);
  while (open.length > 0 && !settings.expired()) {
    const lower = lowest(), { goal } = settings;
    if (upper - lower <= settings.tolerance) break;
    if (goal !== undefined && (lower > goal || upper < goal)) break;
    const node = pop(open), halves = cut(convex, node);
    if (!halves) closed = Math.min(closed, node.bound);
    else for (const half of halves) visit(half, node.point, node.bound);
  }
  return { lower: lowest(), upper, point, nodes };
}

/** A part in two, or undefined where the convex function already is the form. */
function cut({ sum, shift, directions }: Convexifier, node: Node): [Part, Part] | undefined {
  const { lower, upper, from, to, point } = node, n = sum.inputs, first = sum.neurons - directions;
  let best = 0, coordinate = -1, direction = -1;
  for (let i = 0; i < n; i++) {
    const gap = shift[i]! * (point[i]! - lower[i]!) * (upper[i]! - point[i]!);
    if (gap > best) [best, coordinate] = [gap, i];
  }
  let along = 0;
  for (let j = 0; j < directions; j++) {
    let t = 0;
    for (let i = 0; i < n; i++) t += sum.left[(first + j) * n + i]! * point[i]!;
    const gap = sum.weights[first + j]! * (t - from[j]!) * (to[j]! - t);
    if (gap > best) [best, direction, along] = [gap, j, t];
  }
  if (direction >= 0) {
    const at = inner(from[direction]!, to[direction]!, along);
    if (at === undefined) return undefined;
    return [
      { lower, upper, from, to: replaced(to, direction, at) },
      { lower, upper, from: replaced(from, direction, at), to },
    ];
  }
  if (coordinate < 0) return undefined;
  const at = inner(lower[coordinate]!, upper[coordinate]!, point[coordinate]!);
  if (at === undefined) return undefined;
  return [
    { lower, upper: replaced(upper, coordinate, at), from, to },
    { lower: replaced(lower, coordinate, at), upper, from, to },
  ];
}

/** Where to cut an interval: at t, but not near an end; undefined when nothing lies between the ends. */
function inner(low: number, high: number, t: number): number | undefined {
  const margin = 0.2 * (high - low);
  const at = Math.min(high - margin, Math.max(low + margin, t));
  return at > low && at < high ? at : undefined;
}

function replaced(values: Float64Array, index: number, value: number): Float64Array {
  const copy = values.slice();
  copy[index] = value;
  return copy;
}

/** Adds to a binary heap with the lowest bound on top. */
function push(heap: Node[], node: Node): void {
  let at = heap.length;
  heap.push(node);
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (heap[above]!.bound <= node.bound) break;
    heap[at] = heap[above]!;
    at = above;
  }
  heap[at] = node;
}

/** Takes the lowest off a binary heap that is not empty. */
function pop(heap: Node[]): Node {
  const top = heap[0]!, last = heap.pop()!;
  if (heap.length === 0) return top;
  let at = 0;
  while (true) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (below + 1 < heap.length && heap[below + 1]!.bound < heap[below]!.bound) below++;
    if (heap[below]!.bound >= last.bound) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = last;
  return top;
}
