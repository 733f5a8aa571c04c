/** Copies files and folders of a tree, by their names in it, into an existing folder. */
export async function copyTree(
  from: URL | string,
  to: string,
  names: readonly string[],
): Promise<void> {
  const base = from.toString().replace(/^file:\/\//, "").replace(/\/$/, "");
  for (const name of names) {
    const source = `${decodeURIComponent(base)}/${name}`, target = `${to}/${name}`;
    if ((await Deno.stat(source)).isFile) {
      await Deno.copyFile(source, target);
      continue;
    }
    await Deno.mkdir(target, { recursive: true });
    const inner: string[] = [];
    for await (const entry of Deno.readDir(source)) inner.push(entry.name);
    await copyTree(source, target, inner);
  }
}
