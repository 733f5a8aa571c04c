import { type Placed, type Program, program } from "../edge/program.ts";
import { floats, kernels } from "../kernels/mod.ts";
import { refuseRecording, Tensor } from "../tensor/mod.ts";
import type { LayerConfig } from "./config.ts";
import type { Model } from "./sequential.ts";

/** Outputs of one row; undefined where there is a reason to refuse, which the longer way states. */
export type RowProgram = (values: ArrayLike<number>) => Float32Array<ArrayBuffer> | undefined;

/**
 * The steps of a model for one row, at addresses that stay, as the edge runs them: half of what otherwise
 * lies around the products. Undefined where a layer takes more than a row.
 *
 * @param parameters by name, where they lie as long as the program is used.
 * @param tensors receives what the numbers pass through.
 */
export function rowProgram(
  { config, inputs, outputs }: Model,
  parameters: ReadonlyMap<string, Tensor>,
  tensors: Tensor[],
): RowProgram | undefined {
  if (!config.layers.every(takesRows)) return undefined;
  const rooms: Tensor[] = [];
  const make = (): Program => {
    const now = kernels();
    let room = 0;
    return program({ config, inputs, parameters }, now, {
      reserve: (bytes) => (rooms[room++] ??= new Tensor([bytes / 4])).address,
      place,
      multiply: ({ rows, columns, address }, x, y) =>
        now.matvec_f32(rows, columns, address, 4 * columns, x, y),
    });
  };
  let made = make(), madeFor = kernels();
  tensors.push(...rooms);
  return (values) => {
    refuseRecording("a packed weight");
    if (values.length !== inputs || !tensors.every((one) => one.alive)) return undefined;
    // configure() puts other kernels in place; addresses stay
    if (madeFor !== kernels()) [made, madeFor] = [make(), kernels()];
    const { steps, input, output } = made;
    floats(input, inputs).set(values);
    if (madeFor.firstNotFinite(inputs, input) < inputs) return undefined;
    for (let i = 0; i < steps.length; i++) steps[i]!();
    return floats(output, outputs).slice();
  };
}

function takesRows(config: LayerConfig): boolean {
  if (config.type === "attention" || config.type === "embedding") return false;
  return !("layers" in config) || config.layers.every(takesRows);
}

function place({ shape, address }: Tensor): Placed {
  return { dtype: "F32", rows: shape[0]!, columns: shape.at(-1)!, address, scale: 0 };
}
