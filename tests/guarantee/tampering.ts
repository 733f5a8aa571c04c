// Everything that somebody may do to a file.

/** A value changed a little, whatever it is. */
export function changed(value: unknown): unknown[] {
  if (typeof value === "number") {
    return [value * (1 + 2 ** -52) + 2 ** -1074, value + 1, -value - 1, NaN, null, `${value}`];
  }
  if (typeof value === "string") {
    const flipped = value.replace(/.$/, (last) => last === "0" ? "1" : "0");
    return [
      flipped,
      value.toUpperCase() === value ? `${value} ` : value.toUpperCase(),
      "",
      1,
      null,
    ];
  }
  if (Array.isArray(value)) {
    const swapped = [value[1], value[0], ...value.slice(2)];
    return [
      [],
      value.slice(1),
      [...value, value[0]],
      swapped,
      null,
      ...value.flatMap((inner, i) =>
        changed(inner).map((one) => value.map((old, j) => i === j ? one : old))
      ),
    ];
  }
  if (value === null) return [0, 1, "", [], {}];
  const object = value as Record<string, unknown>;
  return [
    { ...object, extra: 1 },
    ...Object.keys(object).flatMap((key) => {
      const { [key]: _, ...rest } = object;
      return [rest, ...changed(object[key]).map((one) => ({ ...object, [key]: one }))];
    }),
  ];
}
