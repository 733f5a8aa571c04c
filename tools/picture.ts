/**
 * Draws docs/eigenvectors.svg, the picture of the README, from the model of the demo:
 *
 *   deno task demo && deno run -A tools/picture.ts digits.safetensors
 *
 * @module
 */
import { decompose, io, report } from "../mod.ts";

const [path = "digits.safetensors"] = Deno.args;
const interactions = decompose.interactions(io.load(await Deno.readFile(path), { name: path }));
const rows = (["for", "against"] as const).map((side) =>
  Array.from({ length: interactions.outputs }, (_, digit) => {
    const { values, vectors } = decompose.eigen(interactions.output(digit));
    const index = values.findIndex((value) => (side === "for" ? value > 0 : value < 0));
    const image = vectors.data.slice(index * vectors.columns, (index + 1) * vectors.columns);
    return { image, caption: `${side} ${digit}\nλ ${report.formatSigned(values[index]!, 2)}` };
  })
).flat();
const svg = report.imageGrid(rows.map(({ image }) => image), {
  width: 28,
  height: 28,
  columns: interactions.outputs,
  title: "The strongest eigenvector for and against each digit",
  captions: rows.map(({ caption }) => caption),
});
await Deno.mkdir(new URL("../docs/", import.meta.url), { recursive: true });
// alone, the picture brings its own theme, light and dark
const themed = svg.replace(">", `><style>${report.themeCss()}</style>`);
await Deno.writeTextFile(new URL("../docs/eigenvectors.svg", import.meta.url), themed);
