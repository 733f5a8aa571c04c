/**
 * Every bench, one after the other: `deno task bench`, or `deno task bench --quick` for a short look.
 *
 * @module
 */
// deno-lint-ignore-file no-console
for (const question of ["products", "eigh", "svd"]) {
  console.log(`\n# ${question}`);
  await import(`./${question}.ts`);
}
