import type { Tensor } from "./tensor.ts";

// Tensors made since the innermost scope() began. While gradients are recorded (holding > 0) scopes
// free nothing and hand their tensors on, since the backward pass still reads them.
const stack: Tensor[][] = [];
let holding = 0;

/** Puts a new tensor under the care of the innermost scope, if there is one. */
export function enlist(made: Tensor): void {
  stack.at(-1)?.push(made);
}

/**
 * Runs `body` and frees every tensor made meanwhile, except those reachable from what it returns:
 * tensors, arrays, maps, sets and plain objects of them, and models.
 *
 * @throws {TypeError} when `body` returns a Promise: its tensors would be freed before it is done.
 * @example
 * ```ts
 * import { add, ones, scope } from "@odot/odot";
 * const four = scope(() => add(add(ones([2]), ones([2])), add(ones([2]), ones([2]))));
 * console.log(four.toArray()); // [4, 4]; the six others are freed
 * four[Symbol.dispose]();
 * ```
 */
export function scope<T>(body: () => T): T {
  const made: Tensor[] = [];
  stack.push(made);
  let kept: ReadonlySet<unknown> | undefined;
  let only: unknown;
  try {
    const result = body();
    if (result instanceof Promise) {
      result.catch(() => {}); // it meets freed tensors; the caller learns why from the error below
      throw new TypeError(
        "Cannot keep a scope() open for a Promise: await first, then compute inside the scope",
      );
    }
    // most scopes return a tensor they made, and a tensor refers to no other
    if (made.includes(result as Tensor)) only = result;
    else kept = reachable(result);
    return result;
  } finally {
    stack.pop();
    for (const one of made) {
      if (holding > 0 || one === only || kept?.has(one)) enlist(one);
      else one[Symbol.dispose]();
    }
  }
}

/** Runs `body` with the scopes inside it freeing nothing: they hand their tensors to the one around. */
export function holdScopes<T>(body: () => T): T {
  holding++;
  try {
    return body();
  } finally {
    holding--;
  }
}

/** Everything reachable from a value, tensors among it; `undefined` for none. */
function reachable(value: unknown): ReadonlySet<unknown> | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) {
    return undefined;
  }
  const seen = new Set<unknown>();
  reach(value, seen);
  return seen;
}

function reach(value: unknown, seen: Set<unknown>): void {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return;
  if (seen.has(value) || ArrayBuffer.isView(value)) return;
  seen.add(value);
  if (Symbol.iterator in value && (Array.isArray(value) || value instanceof Set)) {
    for (const item of value) reach(item, seen);
  } else if (value instanceof Map) {
    for (const item of value.values()) reach(item, seen);
  } else {
    for (const item of Object.values(value)) reach(item, seen);
  }
}
