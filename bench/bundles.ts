/**
 * Sizes of what a page downloads: each entry of the packed npm package, and odot's peers, bundled and
 * minified by esbuild, with the WebAssembly files that they fetch. `deno run -A bench/bundles.ts` after
 * `deno task npm`; `--folder=DIR` keeps what is installed for the next run.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import deno from "../deno.json" with { type: "json" };
import { nodePackages } from "../tests/runtimes/processes.ts";
import { openWorkspace, type Workspace } from "../tests/runtimes/workspace.ts";
import { PEER_PACKAGES } from "./peers/versions.ts";
import { type Cells, tableText } from "./table.ts";

interface Bundle {
  readonly name: string;
  /** What is imported. */
  readonly code: string;
  /** Files in node_modules that the code fetches when it runs. */
  readonly fetched?: readonly string[];
}

const odot: readonly Bundle[] = Object.keys(deno.exports).filter((entry) => entry !== "./cli")
  .map((entry) => {
    const name = entry.replace(/^\./, "odot");
    return { name, code: `import * as all from "${name}"; console.log(all);` };
  });

const TFJS_WASM = "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";
const ORT_WASM = "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm";

/** The same purpose in each library, as its documentation writes it. */
const purposes: readonly Bundle[] = [
  {
    name: "odot: load and predict",
    code: `import { load } from "odot/edge"; console.log(load(new Uint8Array()).predict([1]));`,
  },
  {
    name: "odot: load, decompose, explain",
    code: `import { load } from "odot/io";
import { eigen, interactions } from "odot/decompose";
import { explain } from "odot/interpret";
console.log(load, eigen, interactions, explain);`,
  },
  {
    name: "odot: train",
    code: `import { dataset } from "odot/data";
import { bilinear, linear, sequential } from "odot/nn";
import { adamw } from "odot/optim";
import { fit } from "odot/train";
console.log(dataset, bilinear, linear, sequential, adamw, fit);`,
  },
  {
    name: "onnxruntime-web/wasm: load and predict",
    code: `import { InferenceSession, Tensor } from "onnxruntime-web/wasm";
console.log(InferenceSession, Tensor);`,
    fetched: [ORT_WASM],
  },
  {
    name: "tfjs-core + layers + backend-wasm: load and predict, train",
    code: `import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { loadLayersModel } from "@tensorflow/tfjs-layers";
console.log(tf.setBackend, loadLayersModel);`,
    fetched: [TFJS_WASM],
  },
  {
    name: "tfjs + backend-wasm: everything",
    code: `import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
console.log(tf);`,
    fetched: [TFJS_WASM],
  },
  {
    name: "@jax-js/jax: everything",
    code: `import * as jax from "@jax-js/jax"; console.log(jax);`,
  },
  {
    name: "@jax-js/jax: numpy and grad",
    code: `import { grad, numpy } from "@jax-js/jax"; console.log(grad, numpy);`,
  },
];

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const packed = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(packed).arrayBuffer()).byteLength;
}

async function measure({ folder, mustRun, write }: Workspace, bundle: Bundle): Promise<Cells> {
  await write("bundle.js", bundle.code);
  await mustRun(`${folder}/node_modules/esbuild/bin/esbuild`, [
    ...["bundle.js", "--bundle", "--minify", "--format=esm", "--platform=browser"],
    ...["--outfile=bundle.out.js", "--log-level=error"],
  ]);
  const code = await Deno.readFile(`${folder}/bundle.out.js`);
  let minified = code.length, gzip = await gzipped(code), files = 0;
  for (const path of bundle.fetched ?? []) {
    const bytes = await Deno.readFile(`${folder}/node_modules/${path}`);
    minified += bytes.length;
    files += await gzipped(bytes);
  }
  gzip += files;
  const kilobytes = (size: number): string => (size / 1000).toFixed(1);
  return {
    bundle: bundle.name,
    "minified KB": kilobytes(minified),
    "gzip KB": kilobytes(gzip),
    "of which fetched .wasm": files ? kilobytes(files) : "",
  };
}

const folder = Deno.args.find((arg) => arg.startsWith("--folder="))?.slice("--folder=".length);
const place = folder ?? await Deno.makeTempDir({ prefix: "odot_bundles_" });
await Deno.mkdir(place, { recursive: true });
const workspace = await openWorkspace(place, {
  esbuild: "0.28.2",
  ...PEER_PACKAGES,
  node24: nodePackages["node24"]!, // as bench/cold_start.ts, so that one folder serves both
});
const rows: Cells[] = [];
for (const bundle of [...odot, ...purposes]) rows.push(await measure(workspace, bundle));
console.log(tableText(rows));
if (folder === undefined) await Deno.remove(place, { recursive: true });
