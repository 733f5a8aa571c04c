/**
 * For each row of scores [rows, columns] a column of its own, −1 for rows left over, with the largest sum:
 * shortest augmenting paths (Kuhn 1955; Jonker & Volgenant 1987, A shortest augmenting path algorithm for
 * dense and sparse linear assignment problems).
 */
export function assign(scores: Float64Array, rows: number, columns: number): Int32Array {
  const n = Math.max(rows, columns);
  const cost = (i: number, j: number): number =>
    i < rows && j < columns ? -scores[i * columns + j]! : 0;
  const rowPrice = new Float64Array(n), columnPrice = new Float64Array(n + 1);
  // column n is where each path begins
  const rowOf = new Int32Array(n + 1).fill(-1), from = new Int32Array(n + 1);
  for (let row = 0; row < n; row++) {
    const distance = new Float64Array(n).fill(Infinity), done = new Uint8Array(n + 1);
    let column = n;
    rowOf[n] = row;
    while (rowOf[column]! >= 0) {
      done[column] = 1;
      const i = rowOf[column]!;
      let least = Infinity, next = n;
      for (let j = 0; j < n; j++) {
        if (done[j]) continue;
        const reduced = cost(i, j) - rowPrice[i]! - columnPrice[j]!;
        if (reduced < distance[j]!) [distance[j], from[j]] = [reduced, column];
        if (distance[j]! < least) [least, next] = [distance[j]!, j];
      }
      for (let j = 0; j <= n; j++) {
        if (done[j]) {
          rowPrice[rowOf[j]!]! += least;
          columnPrice[j]! -= least;
        } else if (j < n) distance[j]! -= least;
      }
      column = next;
    }
    while (column !== n) {
      const before = from[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }
  const matches = new Int32Array(rows).fill(-1);
  for (let j = 0; j < columns; j++) if (rowOf[j]! < rows) matches[rowOf[j]!] = j;
  return matches;
}
