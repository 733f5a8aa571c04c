import { nodePackages } from "./processes.ts";

/** What the runtimes need, from npm. */
export const PACKAGES: Readonly<Record<string, string>> = {
  ...nodePackages,
  "@arethetypeswrong/cli": "0.18.5",
  bun: "1.4.5",
  "edge-runtime": "4.0.1",
  esbuild: "0.28.2",
  miniflare: "4.20260426.0",
  publint: "0.3.25",
  vite: "8.3.8",
  webpack: "5.112.2",
  "typescript-5.4": "npm:typescript@5.4",
  "typescript-latest": "npm:typescript@latest",
  "@types/node": "22",
};
