/** Refuses a setting that is none of its words. @throws {RangeError} when it is none. */
export function requireChoice(
  action: string,
  name: string,
  value: unknown,
  choices: readonly string[],
): void {
  if (choices.includes(value as string)) return;
  const all = choices.map((choice) => `"${choice}"`).join(", ");
  throw new RangeError(`${action} with ${name} ${JSON.stringify(value)}: choose one of ${all}`);
}
