/**
 * Bounds where nothing is exact, on MNIST: the gap and the time of every bound over boxes, the L∞ radius
 * that each proves beside what an attack reaches and what the exact L2 radius implies, masks made from
 * eigenvectors beside figures of an independent NumPy run, deep networks, and what truncation can change.
 *
 *     deno run -A bench/robust_bounds.ts [--images=20]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, guarantee, nn, optim, train } from "@odot/odot";
import { trained } from "./mnist_models.ts";

const METHODS = ["interval", "neurons", "eigenvalue", "convex", "semidefinite", "branch"] as const;
const wanted = Deno.args.find((argument) => argument.startsWith("--images="));
const IMAGES = wanted ? Number(wanted.slice("--images=".length)) : 20;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const cell = (value: number | string, width = 12): string =>
  (typeof value === "number" ? value.toPrecision(3) : value).padStart(width);

const { training, test } = await data.mnist();
const pixels = Float32Array.from(test.inputs.subarray(0, 784 * 1000), (byte) => byte / 255);
const labels = Int32Array.from(test.labels.subarray(0, 1000));
const model = trained({ weightDecay: 1, noise: 0.4 }, training);
console.log(
  `64 neurons, decay and noise: ${train.evaluate(model, test).accuracy} of the test set\n`,
);

const image = (i: number): Float32Array => pixels.subarray(i * 784, (i + 1) * 784);
const pairs = guarantee.boxPairs(model), { interactions } = pairs.pairs;
const runnerUp = (i: number): [label: number, rival: number] => {
  const logits = interactions.evaluate(image(i));
  const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
  return [order[0]!, order[1]!];
};

console.log(`Least margin over the runner-up, pixels within ε and in [0, 1], ${IMAGES} images:`);
console.log(`gap = (found − proven) / (margin − found); branch has 2 seconds`);
console.log(
  cell("ε", 6),
  cell("method"),
  cell("median gap"),
  cell("largest"),
  cell("proven > 0"),
  cell("ms"),
);
for (const radius of [0.02, 0.05, 0.1]) {
  const rows = new Map(
    METHODS.map((method) => [method, { gap: [] as number[], time: [] as number[], kept: 0 }]),
  );
  for (let i = 0; i < IMAGES; i++) {
    const [label, rival] = runnerUp(i), solver = pairs.solver(label, rival);
    const box = guarantee.boxAround(image(i), radius, [0, 1]);
    const height = solver.form.evaluate(image(i)), found: number[] = [], proven: number[] = [];
    // what a pair needs once is not part of the time of an image
    if (i === 0) {
      for (const method of METHODS.slice(0, 4)) solver.minimum(box, { methods: [method] });
    }
    const least = solver.minimum(box, { methods: ["neurons", "convex"], restarts: 6 }).upper;
    for (const method of METHODS) {
      const start = performance.now();
      const result = solver.minimum(box, { methods: [method], seconds: 2 });
      rows.get(method)!.time.push(performance.now() - start);
      found.push(result.upper);
      proven.push(result.lower);
    }
    const upper = Math.min(least, ...found);
    METHODS.forEach((method, at) => {
      const row = rows.get(method)!;
      row.gap.push((upper - proven[at]!) / (height - upper));
      if (proven[at]! > 0) row.kept++;
    });
  }
  for (const [method, { gap, time, kept }] of rows) {
    const share = `${kept} of ${IMAGES}`;
    console.log(
      cell(radius, 6),
      cell(method),
      cell(median(gap)),
      cell(Math.max(...gap)),
      cell(share),
      cell(median(time)),
    );
  }
}

console.log(`\nL∞ radius against all nine rivals, by bisection, ${Math.min(10, IMAGES)} images:`);
const radii: Record<string, number[]> = {
  interval: [],
  convex: [],
  semidefinite: [],
  attack: [],
  fromL2: [],
};
for (let i = 0; i < Math.min(10, IMAGES); i++) {
  const { label, lower } = guarantee.radius(pairs.pairs, image(i));
  if (label !== labels[i]) continue;
  const largest = (holds: (radius: number) => boolean): number => {
    let low = 0, high = 0.5;
    for (let step = 0; step < 8; step++) {
      const middle = (low + high) / 2;
      if (holds(middle)) low = middle;
      else high = middle;
    }
    return low;
  };
  for (const method of ["interval", "convex", "semidefinite"] as const) {
    radii[method]!.push(largest((radius) => {
      const box = guarantee.boxAround(image(i), radius, [0, 1]);
      return Array.from({ length: 10 }, (_, rival) => rival).every((rival) =>
        rival === label ||
        pairs.solver(label, rival).minimum(box, {
            methods: method === "semidefinite" ? ["neurons", "convex", method] : [method],
            goal: 0,
            restarts: 1,
          }).lower > 0
      );
    }));
  }
  radii.attack!.push(
    largest((radius) =>
      guarantee.attack(model, image(i), { radius, norm: "linf", domain: [0, 1] }).found[0] === 0
    ),
  );
  radii.fromL2!.push(lower / 28);
}
for (const [method, values] of Object.entries(radii)) {
  console.log(
    cell(method),
    "median",
    cell(median(values)),
    "of attacked",
    cell(median(values) / median(radii.attack!)),
  );
}
if (radii.semidefinite!.some((radius, i) => radius > radii.attack![i]! + 1e-9)) {
  throw new Error("an attack succeeded where a radius was certified");
}

console.log(
  "\nMasks towards 3, the worst of ± and the top three: [accuracy, → 3] and with shuffled pixels",
);
const plain = trained({ weightDecay: 0, noise: 0 }, training);
const { masks } = guarantee.adversarialMasks(decompose.interactions(plain), 3);
for (
  const [length, reference] of [[1, "[.893,.088]"], [2, "[.470,.548]"], [3, "[.203,.862]"], [
    4,
    "[.121,.969]",
  ]] as const
) {
  const effects = [0, 1, 2].flatMap((m) =>
    [length, -length].map((signed) =>
      guarantee.maskEffect(plain, pixels, labels, masks.data.subarray(m * 784, (m + 1) * 784), {
        target: 3,
        length: signed,
      })
    )
  );
  const worst = effects.reduce((a, b) => a.toTarget > b.toTarget ? a : b);
  console.log(
    `length ${length}: [${worst.accuracy.toFixed(3)}, ${worst.toTarget.toFixed(3)}]`,
    `shuffled [${worst.shuffledAccuracy.toFixed(3)}, ${worst.shuffledToTarget.toFixed(3)}]`,
    `reference ${reference}`,
  );
}

console.log(
  "\nDeep networks, 784 → 32 → bilinear … → 10, one epoch: width proven / width attained, median output",
);
for (const depth of [1, 2, 3]) {
  const deep = nn.sequential([
    nn.linear(784, 32),
    ...Array.from(
      { length: depth - 1 },
      () => nn.residual([nn.bilinear(32, 64), nn.linear(64, 32)]),
    ),
    nn.bilinear(32, 32),
    nn.linear(32, 10),
  ], { seed: 0 });
  const optimizer = optim.adamw(deep, { learningRate: 1e-3 });
  for (
    const _ of train.fit(deep, training, {
      optimizer,
      epochs: 1,
      batchSize: 256,
      noise: 0.4,
      seed: 0,
    })
  );
  const { accuracy } = train.evaluate(deep, test);
  const cells = [0.1, 0.3, 1].map((radius) => {
    const values = Array.from(
      { length: 4 },
      (_, i) => median([...guarantee.composedRange(deep, { center: image(i), radius }).looseness]),
    );
    return `${radius}: ${median(values).toFixed(2)}`;
  });
  console.log(`${depth} bilinear layers (${accuracy}):`, cells.join("   "));
}

console.log("\nTruncation of the first network over the ball of radius 1 about the mean image:");
const mean = new Float64Array(784);
pixels.forEach((x, i) => mean[i % 784]! += x / 1000);
for (const rank of [4, 8, 16, 32]) {
  const { model: smaller, neurons, relativeError } = decompose.truncate(model, { rank });
  const { bound, worst } = guarantee.modelDifference(model, smaller, { center: mean, radius: 1 });
  console.log(
    `rank ${rank}: ${neurons} neurons, relative error ${relativeError.toFixed(4)},`,
    `logits change by at most ${bound.toFixed(4)}, attained ${worst.toFixed(4)}`,
  );
}
