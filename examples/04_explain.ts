/**
 * 4. Why is this a 7? A logit taken apart until it adds up.
 *
 *     deno task example examples/04_explain.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, interpret, nn, optim, train } from "@odot/odot";

const { training, test } = await data.mnist();
const model = nn.sequential([nn.bilinear(784, 32), nn.linear(32, 10)], { seed: 0 });
const optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.1 });
for (
  const { accuracy } of train.fit(model, training, {
    optimizer,
    epochs: 2,
    noise: 0.3,
    validation: test,
  })
) {
  console.log(`test accuracy ${(100 * accuracy).toFixed(2)} %`);
}

const image = data.row(test, 0);
const explanation = interpret.explain(model, image, { top: 5 });
const { prediction, logit, evidence, remainder, linear, constant, residual } = explanation;
console.log(`\nThe first test image is a ${test.labels[0]}; the model says ${prediction}.`);
console.log(`\nlogit of ${prediction}: ${logit.toFixed(4)} =`);
for (const { eigenvalue, activation, contribution } of evidence) {
  console.log(
    `  ${contribution.toFixed(4).padStart(9)}   eigenvalue ${eigenvalue.toFixed(4)} × (${
      activation.toFixed(4)
    })²`,
  );
}
console.log(`  ${remainder.toFixed(4).padStart(9)}   all other eigenvectors`);
console.log(`  ${linear.toFixed(4).padStart(9)}   linear part (this model has biases)`);
console.log(`  ${constant.toFixed(4).padStart(9)}   constant part`);
console.log(`\nNothing is left over: ${residual.toExponential(1)}`);

// Why not the runner-up? The difference of two logits is a quadratic form like any other.
const order = [...explanation.logits.keys()]
  .sort((a, b) => explanation.logits[b]! - explanation.logits[a]!);
const second = interpret.explain(model, image, { output: order[1]!, top: 3 });
console.log(
  `\nRunner-up ${order[1]}: ${second.logit.toFixed(4)}, margin ${
    (logit - second.logit).toFixed(4)
  }`,
);
