import process from "node:process";

/** What the surroundings say about how this program was started. */
export interface Started {
  /** Address of this module. */
  readonly address: string;
  /** Version of Deno; undefined in Node. */
  readonly deno: string | undefined;
  /** What npm was asked to do, where it started this program: `exec` for npx. */
  readonly npm: string | undefined;
}

/** How this program is called where it runs: from a copy of the repository, from JSR, or from npm. */
export function invocation(
  { address, deno, npm }: Started = {
    address: import.meta.url,
    deno: process.versions.deno,
    npm: process.env.npm_command,
  },
): string {
  if (deno === undefined) return "npx odot";
  const program = npm === "exec" ? `npx -y deno@${deno}` : "deno";
  return `${program} ${address.startsWith("file:") ? "task odot" : "run -A jsr:@odot/odot/cli"}`;
}
