import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const PROGRAM = new URL("../support/threads_program.ts", import.meta.url).pathname;
/** What the program does last, and the code with which its process must end by itself. */
const ENDS = {
  "ends": 0,
  "goes back to one thread": 0,
  "throws": 1,
  "throws while computing": 1,
  "exits": 3,
} as const;

/** The command line of a host, given the folder for what must be built for it; if it is here. */
type Host = (folder: string) => Promise<string[] | undefined>;

const HOSTS: Record<string, Host> = {
  Deno: () => Promise.resolve([Deno.execPath(), "run", "--no-check", PROGRAM]),
  Node: async (folder) => {
    const node = await new Deno.Command("node", { args: ["--version"] }).output().catch(() => {});
    if (!node?.success) return undefined;
    const bundle = `${folder}/program.mjs`;
    const args = ["bundle", "--quiet", "--platform=browser", `--output=${bundle}`, PROGRAM];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert(success, new TextDecoder().decode(stderr));
    return ["node", bundle];
  },
};

for (const [name, host] of Object.entries(HOSTS)) {
  Deno.test(`a process with threads ends by itself, however it ends (${name})`, async (t) => {
    const folder = await Deno.makeTempDir();
    try {
      const line = await host(folder);
      if (!line) {
        assert(!Deno.env.get("CI"), `${name} is missing`);
        return;
      }
      const start = (last: string): Deno.ChildProcess =>
        new Deno.Command(line[0]!, {
          args: [...line.slice(1), last],
          stdout: "piped",
          stderr: "piped",
        }).spawn();

      for (const [last, expected] of Object.entries(ENDS)) {
        await t.step(last, async () => {
          const child = start(last);
          const killer = setTimeout(() => child.kill("SIGKILL"), 60_000);
          const { code, stdout, stderr } = await child.output();
          clearTimeout(killer);
          const [said, complained] = [stdout, stderr].map((one) => new TextDecoder().decode(one));
          assertStringIncludes(said!, "computed", complained);
          if (expected === 1) assertStringIncludes(complained!, "Error: stop");
          assertEquals(code, expected, complained);
        });
      }
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        await t.step(`${signal} while it computes`, async () => {
          const child = start("computes for ever");
          const reader = child.stdout.getReader();
          const { value } = await reader.read();
          assertStringIncludes(new TextDecoder().decode(value), "computed");
          child.kill(signal);
          const killer = setTimeout(() => child.kill("SIGKILL"), 30_000);
          const status = await child.status;
          clearTimeout(killer);
          assertEquals(status.signal, signal);
          await reader.cancel();
          await child.stderr.cancel();
        });
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
