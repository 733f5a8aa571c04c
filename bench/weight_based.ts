/**
 * Does the library reproduce what the field found on MNIST? Networks 784 → bilinear 64 → 10 with and without
 * weight decay and input noise (AdamW 1e-3, cosine by epoch, batch 256, 10 epochs, seed 0): test accuracy,
 * effective ranks, and accuracy against the number of eigenvectors, beside the figures of an independent
 * NumPy run of the same settings; and the decompositions of the whole layer: σ₁₀/σ₁ of the outputs, and the
 * relative error and accuracy of 10, 25 and 50 neurons. Stochastic: expect a few tenths of a percent. The
 * NumPy run fitted left and right vectors that are not symmetrised, which leaves more.
 *
 *     deno run -A bench/weight_based.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { data, decompose, train } from "@odot/odot";
import { type MnistModel, trained } from "./mnist_models.ts";

const RANKS = [1, 2, 3, 5, 8, 10, 15, 20, 30];
const CP_RANKS = [10, 25, 50];

interface Reference extends MnistModel {
  readonly test: number;
  readonly participation: number;
  readonly entropy: number;
  readonly byRank: readonly number[];
  /** σ₁₀/σ₁ of the tensor unfolded by outputs. */
  readonly ratio: number;
  /** Relative error and accuracy of 10, 25 and 50 components. */
  readonly cp: readonly (readonly [error: number, accuracy: number])[];
}

const references: Readonly<Record<string, Reference>> = {
  "plain": {
    ...{ weightDecay: 0, noise: 0, test: 0.9744, participation: 32.1, entropy: 51.3 },
    byRank: [0.46, 0.56, 0.67, 0.86, 0.929, 0.954, 0.969, 0.972, 0.974],
    ...{ ratio: 0.309, cp: [[0.749, 0.40], [0.519, 0.855], [0.305, 0.964]] },
  },
  "decay": {
    ...{ weightDecay: 1, noise: 0, test: 0.9707, participation: 18.7, entropy: 30.0 },
    byRank: [0.42, 0.59, 0.82, 0.93, 0.961, 0.965, 0.968, 0.97, 0.971],
    ...{ ratio: 0.206, cp: [[0.658, 0.47], [0.364, 0.945], [0.157, 0.966]] },
  },
  "noise": {
    ...{ weightDecay: 0, noise: 0.4, test: 0.9755, participation: 36.3, entropy: 57.6 },
    byRank: [0.32, 0.49, 0.71, 0.87, 0.933, 0.958, 0.972, 0.975, 0.975],
    ...{ ratio: 0.276, cp: [[0.778, 0.54], [0.562, 0.814], [0.343, 0.966]] },
  },
  "decay + noise": {
    ...{ weightDecay: 1, noise: 0.4, test: 0.9689, participation: 18.2, entropy: 28.4 },
    byRank: [0.22, 0.53, 0.66, 0.88, 0.95, 0.96, 0.967, 0.969, 0.969],
    ...{ ratio: 0.221, cp: [[0.695, 0.41], [0.366, 0.936], [0.146, 0.967]] },
  },
};

const { training, test } = await data.mnist();
const percent = (share: number): string => (100 * share).toFixed(2).padStart(6);
console.log(`${"".padEnd(27)}test   (Σ|λ|)²/Σλ²  exp H(|λ|)   eigenvectors ${RANKS.join(", ")}`);
for (const [name, reference] of Object.entries(references)) {
  const model = trained(reference, training);
  const { accuracy } = train.evaluate(model, test);
  const interactions = decompose.interactions(model);
  const eigens = Array.from({ length: 10 }, (_, o) => decompose.eigen(interactions.output(o)));
  const ranks = eigens.map(({ spectrum }) => decompose.effectiveRank(spectrum));
  const mean = (key: "participation" | "entropy"): number =>
    ranks.reduce((sum, rank) => sum + rank[key], 0) / ranks.length;
  const found = decompose.accuracyByRank(interactions, test, { ranks: RANKS, eigens });
  const whole = ({ ratio, cp }: Pick<Reference, "ratio" | "cp">): string =>
    `σ₁₀/σ₁ ${ratio.toFixed(3)}   ${
      cp.map(([error, share], i) =>
        `${CP_RANKS[i]} neurons: error ${error.toFixed(3)}, ${percent(share).trim()} %`
      ).join("   ")
    }`;
  const row = (
    label: string,
    one: Omit<Reference, keyof MnistModel | "ratio" | "cp">,
  ): string =>
    `${label.padEnd(25)}${percent(one.test)}  ${one.participation.toFixed(1).padStart(8)}  ${
      one.entropy.toFixed(1).padStart(10)
    }      ${one.byRank.map(percent).join(" ")}`;
  console.log(row(`${name}: odot`, {
    test: accuracy,
    participation: mean("participation"),
    entropy: mean("entropy"),
    byRank: found.map((one) => one.accuracy),
  }));
  console.log(row(`${"".padEnd(name.length)}  NumPy`, reference));
  const { singularValues } = decompose.hosvd(interactions);
  const cp = CP_RANKS.map((rank): [number, number] => {
    const found = decompose.cp(interactions, { rank });
    const smaller = found.toModel();
    const { accuracy } = train.evaluate(smaller, test);
    smaller[Symbol.dispose]();
    return [found.relativeError, accuracy];
  });
  console.log(`  odot   ${whole({ ratio: singularValues[9]! / singularValues[0]!, cp })}`);
  console.log(`  NumPy  ${whole(reference)}\n`);
  model[Symbol.dispose]();
}
