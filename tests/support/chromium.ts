// Finds Chromium and loads pages in it. In CI it must be there; elsewhere tests without it are ignored.

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Where Chromium is, if it is installed. */
function find(): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  for (const name of names) {
    for (const folder of folders) {
      try {
        if (Deno.statSync(`${folder}/${name}`).isFile) return `${folder}/${name}`;
      } catch {
        continue; // the next folder
      }
    }
  }
  return undefined;
}

const path = find();

/** Whether tests in a browser cannot run and may be left out. */
export const withoutChromium: boolean = path === undefined && !Deno.env.get("CI");

/** Where Chromium is. @throws {Error} when it is not installed. */
export function chromiumPath(): string {
  if (path !== undefined) return path;
  throw new Error("Cannot find Chromium: install it (apt-get install chromium)");
}

/** A page as Chromium sees it. */
export interface LoadedPage {
  /** The document after loading. */
  readonly document: string;
  /** What the page wrote to the console, refusals of its security policy among it. */
  readonly messages: readonly string[];
}

/** Loads a local HTML file. */
export async function loadPage(file: string): Promise<LoadedPage> {
  const program = chromiumPath();
  const profile = await Deno.makeTempDir();
  try {
    const { stdout, stderr, success } = await new Deno.Command(program, {
      args: [
        ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
        ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
        ...["--enable-logging=stderr", "--v=0", `--user-data-dir=${profile}`, "--dump-dom"],
        `file://${file}`,
      ],
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
    const log = decode(stderr);
    if (!success) throw new Error(`Chromium failed: ${log}`);
    return {
      document: decode(stdout),
      messages: log.split("\n").filter((line) => line.includes(":CONSOLE")),
    };
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}
