/**
 * 5. A training loop of your own: regression, and what depth is for.
 *
 * One bilinear layer is a polynomial of degree two, however wide. The best degree two can do on x³ is a
 * mean squared error of 4/175; two layers have degree four and pass it. (Leshno et al. 1993: fixed-degree
 * networks are not universal; depth makes them so.)
 *
 *     deno task example examples/05_own_loop.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { multiply, nn, optim, random, scope, valueAndGrad } from "@odot/odot";

function train(model: nn.Model, steps: number): number {
  const schedule = optim.cosine(0.01, { steps });
  using optimizer = optim.adamw(model, { weightDecay: 0, clip: { norm: 1 } });
  const source = random(1);
  let error = 0;
  for (let step = 0; step < steps; step++) {
    optimizer.learningRate = schedule.rate(step);
    // everything made inside the scope is freed at its end: the heap stays as it is
    scope(() => {
      const x = source.uniform([512, 1], { low: -1, high: 1 });
      const cube = multiply(x, multiply(x, x));
      const { value, gradients } = valueAndGrad(
        () => nn.meanSquaredError(model(x), cube),
        model.parameters,
      );
      optimizer.step(gradients);
      error = step < steps - 200 ? value : error + (value - error) / 20;
    });
  }
  return error;
}

using shallow = nn.sequential([nn.bilinear(1, 32), nn.linear(32, 1)], { seed: 1 });
using deep = nn.sequential([nn.bilinear(1, 8), nn.bilinear(8, 8), nn.linear(8, 1)], { seed: 1 });
console.log(`best possible of degree two: ${(4 / 175).toFixed(5)}`);
console.log(`one bilinear layer of 32:    ${train(shallow, 3000).toFixed(5)}`);
console.log(`two bilinear layers of 8:    ${train(deep, 3000).toFixed(5)}`);
