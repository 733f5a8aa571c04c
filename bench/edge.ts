/**
 * Inference at the edge beside the whole library, one row at a time, in one process, and the size of the
 * bundle: `deno run -A bench/edge.ts [--quick] [--json]`.
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { configure, deploy, info, io, nn } from "@odot/odot";
import { load } from "../src/edge/mod.ts";
import { edgeBundle } from "./edge_bundle.ts";
import { compare, type Side } from "./measure.ts";
import { tableText } from "./table.ts";

const SIZES = [[784, 64, 10], [784, 256, 10], [64, 32, 4]] as const;

const rows: Record<string, string | number>[] = [];
for (const [inputs, hidden, outputs] of SIZES) {
  const model = nn.sequential([
    nn.bilinear(inputs, hidden, { bias: false }),
    nn.linear(hidden, outputs, { bias: false }),
  ], { seed: 1 });
  const x = Float32Array.from({ length: inputs }, (_, i) => ((i * 37) % 101) / 101);
  const pack = (precision: "f16" | "int8"): Uint8Array =>
    deploy.pack(model, { precision, eigenvectors: 8 }).bytes;
  const files = { f32: io.save(model), f16: pack("f16"), int8: pack("int8") };
  const explained = load(pack("int8"));
  const small: Side[] = [
    ...Object.entries(files).map(([name, bytes]): Side => {
      const loaded = load(bytes);
      return { name: `edge, ${name}`, run: () => loaded.predict(x) };
    }),
    { name: "edge, int8, explain", run: () => explained.explain(x) },
  ];
  for (const kernels of ["strict", "fast"] as const) {
    configure({ kernels });
    const name = `library, ${info().kernels}`;
    const { sides } = await compare([{ name, run: () => model.predict(x) }, ...small]);
    for (const side of sides) {
      rows.push({
        model: `${inputs}-${hidden}-${outputs}`,
        side: side.name,
        microseconds: side.best * 1000,
        "library / this": sides[0]!.best / side.best,
      });
    }
  }
  model[Symbol.dispose]();
}
const { raw, gzip } = await edgeBundle();
if (Deno.args.includes("--json")) console.log(JSON.stringify({ rows, bundle: { raw, gzip } }));
else {
  console.log(tableText(rows));
  console.log(`\n./edge, minified, kernels included: ${raw} bytes, ${gzip} after gzip`);
}
