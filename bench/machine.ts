/** What a figure was measured on. */
export interface Machine {
  readonly date: string;
  /** Model of the processor, as the system calls it. */
  readonly processor: string;
  readonly cores: number;
  /** Processes that wanted to run during the last minute; above 1, other work disturbs. */
  readonly load: number | undefined;
  readonly system: string;
  readonly deno: string;
  readonly v8: string;
}

function fileText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // no Linux
  }
}

/** This machine, now. */
export function machine(): Machine {
  const cpu = fileText("/proc/cpuinfo");
  const field = (name: string): string => cpu.match(`${name}\\s*: (.*)`)?.[1] ?? "?";
  return {
    date: new Date().toISOString(),
    // clouds hide the model's name, family and model number do not
    processor: `${field("model name")} (family ${field("cpu family")}, model ${field("model")})`,
    cores: navigator.hardwareConcurrency,
    load: Deno.build.os === "windows" ? undefined : Deno.loadavg()[0],
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
  };
}

/** Most memory that this process has had in RAM, bytes; `undefined` where the system does not tell. */
export function peakResident(): number | undefined {
  const kilobytes = fileText("/proc/self/status").match(/VmHWM:\s*(\d+)/)?.[1];
  return kilobytes === undefined ? undefined : 1024 * Number(kilobytes);
}
