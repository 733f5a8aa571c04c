import process from "node:process";

/** How this program is called where it runs: from a copy of the repository, from JSR, or from npm. */
export function invocation(
  address: string = import.meta.url,
  inDeno: boolean = process.versions.deno !== undefined,
): string {
  if (!inDeno) return "npx odot";
  return address.startsWith("file:") ? "deno task odot" : "deno run -A jsr:@odot/odot/cli";
}
