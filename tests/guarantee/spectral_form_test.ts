import { assert } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import {
  formError,
  gradientAt,
  lift,
  project,
  spectralForm,
} from "../../src/guarantee/spectral_form.ts";
import { distance, forward, network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

for (const { name, shape, bias, seed } of NETWORKS) {
  Deno.test(`spectralForm() is the form within its own, small, error bounds (${name})`, () => {
    using model = network(shape, bias, seed);
    const all = interactions(model), draw = numbers(seed);
    for (let o = 0; o < all.outputs; o++) {
      const spectral = spectralForm(all.output(o));
      for (let trial = 0; trial < 5; trial++) {
        const x = draw.doubles(shape.inputs, -3, 3), length = distance(x);
        const z = project(spectral, x);
        let value = spectral.constant;
        z.forEach((y, i) => value += (spectral.values[i]! * y + spectral.linear[i]!) * y);
        const exact = forward(model, x)[o]!;
        const moved = spectral.errors.coordinates * length * distance(gradientAt(spectral, z)) * 2;
        const bound = formError(spectral, length) + moved;
        const scale = 1 + Math.abs(exact);
        assert(
          Math.abs(value - exact) <= bound + 1e-13 * scale,
          `off by ${value - exact}, ${bound}`,
        );
        assert(bound < 1e-8 * (scale + length ** 2 * distance(spectral.values)), `bound ${bound}`);
        const back = lift(spectral, z);
        assert(distance(project(spectral, back), z) < 1e-12 * (1 + length), "lift() loses");
      }
    }
  });
}
