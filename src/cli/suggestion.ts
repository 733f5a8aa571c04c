/** Fewest insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function distance(a: string, b: string): number {
  let before: number[] = [], last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, before[j - 2]! + 1);
      }
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

/** The known word that `given` was probably meant to be, where one is near enough. */
export function suggestion(given: string, known: readonly string[]): string | undefined {
  const near = known.map((word) => ({
    word,
    cost: word.startsWith(given) && given.length > 1 ? 0.5 : distance(given, word),
  }));
  const best = near.sort((a, b) => a.cost - b.cost)[0];
  return best && best.cost <= Math.max(1, given.length / 3) ? best.word : undefined;
}
