import { configure, info } from "../../src/kernels/mod.ts";
import { leakChecked } from "./leaks.ts";

/** A choice of build as configure() takes it. */
export type Choice = "strict" | "fast";

/** Runs `body` with one build of the kernels and goes back to the build before, whatever happens. */
export function withBuild<T>(kernels: Choice, body: () => T): T {
  const before: Choice = info().kernels === "strict" ? "strict" : "fast";
  configure({ kernels });
  try {
    return body();
  } finally {
    configure({ kernels: before });
  }
}

/** Registers `body` as one leak-checked test for each build. */
export function inBothBuilds(name: string, body: (kernels: Choice) => void): void {
  for (const kernels of ["strict", "fast"] as const) {
    leakChecked(`${name} (${kernels})`, () => withBuild(kernels, () => body(kernels)));
  }
}
