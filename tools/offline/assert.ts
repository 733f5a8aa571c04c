/**
 * Stand-in for `@std/assert` on machines that cannot reach JSR: the part of it that odot's tests use,
 * over `node:assert/strict`. `deno.json` keeps the real one as the default; see tools/jsr.ts.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any
import strict from "node:assert/strict";

type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

export const AssertionError: typeof strict.AssertionError = strict.AssertionError;

export function fail(message?: string): never {
  throw new AssertionError({ message: message ?? "failed" });
}
export function assert(value: unknown, message?: string): asserts value {
  if (!value) fail(message ?? `Expected ${String(value)} to be truthy`);
}
export function assertFalse(value: unknown, message?: string): void {
  if (value) fail(message ?? `Expected ${String(value)} to be falsy`);
}
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  strict.deepEqual(actual, expected, message);
}
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  strict.notDeepEqual(actual, expected, message);
}
export function assertStrictEquals<T>(actual: T, expected: T, message?: string): void {
  strict.equal(actual, expected, message);
}
export function assertExists<T>(value: T, message?: string): asserts value is NonNullable<T> {
  if (value === undefined || value === null) fail(message ?? "Expected a value");
}
export function assertInstanceOf<E extends abstract new (...args: any[]) => any>(
  value: unknown,
  type: E,
  message?: string,
): asserts value is InstanceType<E> {
  if (!(value instanceof type)) fail(message ?? `Expected an instance of ${type.name}`);
}
export function assertMatch(text: string, pattern: RegExp, message?: string): void {
  if (!pattern.test(text)) fail(message ?? `Expected ${pattern} to match: ${text}`);
}
export function assertStringIncludes(text: string, part: string, message?: string): void {
  if (!text.includes(part)) fail(message ?? `Expected to find ${part} in: ${text}`);
}
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ?? (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (!(delta <= allowed)) {
    fail(
      message ?? `Expected ${actual} to be within ${allowed} of ${expected} (differs by ${delta})`,
    );
  }
}
export function assertGreater<T>(actual: T, expected: T, message?: string): void {
  if (!(actual > expected)) fail(message ?? `Expected ${actual} > ${expected}`);
}
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void {
  if (!(actual >= expected)) fail(message ?? `Expected ${actual} >= ${expected}`);
}
export function assertLess<T>(actual: T, expected: T, message?: string): void {
  if (!(actual < expected)) fail(message ?? `Expected ${actual} < ${expected}`);
}
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void {
  if (!(actual <= expected)) fail(message ?? `Expected ${actual} <= ${expected}`);
}

function checkError<E extends Error>(
  error: unknown,
  type: ErrorClass<E> | undefined,
  includes: string | undefined,
): E {
  if (!(error instanceof Error)) fail(`Expected an Error, got ${String(error)}`);
  if (type !== undefined && !(error instanceof type)) {
    fail(`Expected ${type.name}, got ${error.name}: ${error.message}`);
  }
  if (includes !== undefined) assertStringIncludes(error.message, includes);
  return error as E;
}
export function assertThrows<E extends Error = Error>(
  body: () => unknown,
  type?: ErrorClass<E>,
  includes?: string,
): E {
  try {
    body();
  } catch (error) {
    return checkError(error, type, includes);
  }
  fail("Expected the function to throw");
}
export async function assertRejects<E extends Error = Error>(
  body: () => PromiseLike<unknown>,
  type?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await body();
  } catch (error) {
    return checkError(error, type, includes);
  }
  fail("Expected the promise to be rejected");
}
