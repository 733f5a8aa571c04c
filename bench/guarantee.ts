/**
 * Exact certified radii on MNIST: all 10,000 test images against nine rivals each, beside the figures of an
 * independent NumPy run of the same settings (its radii: the first 300 images) and beside what interval
 * propagation through the layers can prove on the same networks. Stochastic training: expect bands.
 *
 *     deno run -A bench/guarantee.ts [--only="noise"]
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, guarantee, io, train } from "@odot/odot";
import { type MnistModel, trained } from "./mnist_models.ts";

interface Reference extends MnistModel {
  readonly test: number;
  readonly median: number;
  /** Certified accuracy at the radii of `AT`. */
  readonly certified: readonly number[];
}

const AT = [0.3, 0.5, 1];
const IMAGES = 300;

const references: Readonly<Record<string, Reference>> = {
  "16 neurons": {
    ...{ neurons: 16, weightDecay: 0, noise: 0, test: 0.9617, median: 0.473 },
    certified: [0.78, 0.45, 0.05],
  },
  "plain": {
    ...{ weightDecay: 0, noise: 0, test: 0.9744, median: 0.635 },
    certified: [0.89, 0.67, 0.09],
  },
  "decay": {
    ...{ weightDecay: 1, noise: 0, test: 0.9707, median: 0.734 },
    certified: [0.9, 0.76, 0.2],
  },
  "noise": {
    ...{ weightDecay: 0, noise: 0.4, test: 0.9755, median: 1.314 },
    certified: [0.97, 0.92, 0.73],
  },
  "decay + noise": {
    ...{ weightDecay: 1, noise: 0.4, test: 0.9689, median: 1.329 },
    certified: [0.97, 0.92, 0.74],
  },
};

const median = (values: ArrayLike<number>): number =>
  Float64Array.from(values).sort()[Math.floor(values.length / 2)]!;
const share = (values: ArrayLike<number>, least: number): number =>
  Array.from(values).filter((value) => value > 0 && value >= least).length / values.length;
const fixed = (values: readonly number[], digits: number): string =>
  values.map((value) => value.toFixed(digits).padStart(digits + 3)).join(" ");

/** Milliseconds that one call takes on average, after a few to warm up. */
function each(inputs: readonly Float32Array[], run: (x: Float32Array, i: number) => void): number {
  inputs.slice(0, 5).forEach(run);
  const begin = performance.now();
  inputs.forEach(run);
  return (performance.now() - begin) / inputs.length;
}

const only = Deno.args.find((text) => text.startsWith("--only="))?.slice(7);
const { training, test } = await data.mnist();
const labels = test.labels!, inputs = Float32Array.from(test.inputs, (x) => x / test.divisor);
console.log(
  `${"".padEnd(22)}  test   median radius   certified at ${AT.join(", ")}   at proven radii`,
);
for (const [name, reference] of Object.entries(references)) {
  if (only !== undefined && only !== name) continue;
  using model = trained(reference, training);
  const { accuracy } = train.evaluate(model, test);
  const begin = performance.now();
  const pairs = guarantee.classPairs(model);
  const prepared = performance.now();
  const all = guarantee.radii(pairs, inputs, { labels });
  const done = performance.now();
  const first = all.radius.subarray(0, IMAGES), lower = all.lower.subarray(0, IMAGES);
  const right = first.filter((value) => value > 0);
  const row = (label: string, test: number, middle: number, shares: readonly number[]): string =>
    `${label.padEnd(22)} ${test.toFixed(4)}      ${middle.toFixed(3)}         ${
      fixed(shares, 2)
    }   `;
  console.log(
    row(`${name}: odot`, accuracy, median(right), AT.map((least) => share(first, least))) +
      fixed(AT.map((least) => share(lower, least)), 2),
  );
  console.log(row("  NumPy", reference.test, reference.median, reference.certified));
  console.log(
    row(
      "  odot, all images",
      accuracy,
      median(all.radius.filter((value) => value > 0)),
      AT.map(
        (least) => share(all.radius, least),
      ),
    ) + fixed(AT.map((least) => share(all.lower, least)), 2),
  );
  const kept = [...first.keys()].filter((i) => first[i]! > 0);
  const loss = median(kept.map((i) => 1 - lower[i]! / first[i]!));
  const proven = guarantee.intervalRadii(pairs, inputs.subarray(0, 784 * IMAGES), {
    labels: labels.subarray(0, IMAGES),
  });
  const intervals = kept.map((i) => proven[i]!);
  const factor = median(kept.map((i, at) => first[i]! / intervals[at]!));
  console.log(
    `  pairs ${((prepared - begin) / 1000).toFixed(2)} s, ${all.count} images ${
      ((done - prepared) / 1000).toFixed(2)
    } s (${((done - prepared) / all.count).toFixed(3)} ms each); proven instead of exact costs ${
      (100 * loss).toFixed(2)
    } % of the radius; intervals prove ${median(intervals).toFixed(4)}: the exact radius is ${
      factor.toFixed(1)
    } times that`,
  );
  const some = kept.slice(0, 20).map((i) => inputs.subarray(i * 784, (i + 1) * 784));
  const bytes = io.save(model);
  const answers = some.map((x, i) =>
    guarantee.certify(pairs, x, { radius: 0.99 * lower[kept[i]!]! })
  );
  const one = each(some, (x) => guarantee.radius(pairs, x));
  const certify = each(
    some,
    (x, i) => guarantee.certify(pairs, x, { radius: 0.99 * lower[kept[i]!]! }),
  );
  const check = each(some, (x, i) => {
    const answer = answers[i]!;
    if (answer.verdict === "certified") guarantee.check(answer.certificate, bytes, x);
  });
  console.log(
    `  one image: radius ${one.toFixed(2)} ms, certify ${certify.toFixed(0)} ms, check ${
      check.toFixed(0)
    } ms; certified ${
      answers.filter(({ verdict }) => verdict === "certified").length
    } of ${some.length} at 0.99 of the proven radius`,
  );
}
