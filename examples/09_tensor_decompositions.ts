/**
 * 9. Any dense tensor, decomposed: HOSVD, Tucker, CP, tensor train and block terms.
 *
 * The tensor is addition modulo 13 in one frequency, cos(2π(a + b − q)/13), and noise. Every result says
 * how far it is off and, where theory promises something, how far it can be.
 *
 *     deno task example examples/09_tensor_decompositions.ts
 *
 * @module
 */
// deno-lint-ignore-file no-console
import { multilinear, random } from "@odot/odot";

const p = 13;
const noise = random(0).normal([p ** 3], { deviation: 0.02 }).toArray();
const x = multilinear.denseTensor(
  [p, p, p],
  noise.map((value, at) => {
    const [q, a, b] = [Math.floor(at / p ** 2), Math.floor(at / p) % p, at % p];
    return Math.cos(2 * Math.PI * (a + b - q) / p) + value;
  }),
);

function show(
  name: string,
  { relativeError, errorBound, parameterCount }: multilinear.Approximation,
): void {
  const bound = errorBound === undefined ? "" : `   at most ${errorBound.toFixed(5)}`;
  const numbers = `${parameterCount}`.padStart(5);
  console.log(`${name.padEnd(34)}${numbers} numbers   error ${relativeError.toFixed(5)}${bound}`);
}

console.log(`the tensor itself holds ${x.data.length} numbers\n`);
// Two singular values of every unfolding stand out: the cosine and the sine.
const hosvd = multilinear.hosvd(x, { rank: 2 });
show("HOSVD, ranks 2", hosvd);
show("sequentially truncated HOSVD", multilinear.sthosvd(x, { rank: 2 }));
show("Tucker (HOOI), ranks 2", multilinear.tucker(x, { rank: 2 }));
show("tensor train within 10 %", multilinear.tensorTrain(x, { rank: { relativeError: 0.1 } }));

// A complex product takes three real ones: rank 2 is not enough for CP, rank 3 is.
show("CP, rank 2", multilinear.cp(x, { rank: 2 }));
const cp = multilinear.cp(x, { rank: 3 });
show("CP, rank 3", cp);
// The plane of cosine and sine stays whole in a block; CP would have to cut it in pieces.
const terms = multilinear.blockTerm(x, { blocks: 2, rank: 2 });
show("block terms, two of rank 2", terms);

const values = hosvd.singularValues[0]!.slice(0, 4);
console.log(
  "\nsingular values of mode 0:",
  [...values].map((value) => value.toFixed(2)).join(", "),
);
const planes = terms.blocks.map((block) => [...block.values].map((value) => value.toFixed(2)));
console.log("singular values of the blocks:", planes.map((pair) => pair.join(" = ")).join(", "));

// Is the CP decomposition the only one? Kruskal's condition proves it where it holds. Here the columns of a
// factor lie in a plane, to within the noise, so it does not; and indeed another start finds others.
const { verdict, ranks, sum, needed } = multilinear.kruskal(cp, { tolerance: 0.1 });
console.log(`\nk-ranks ${ranks.join(" + ")} = ${sum}, ${needed} needed: uniqueness ${verdict}`);
const other = multilinear.cp(x, { rank: 3, start: "random", seed: 5 });
const { score } = multilinear.cpCongruence(cp, other);
console.log(
  `another start: error ${other.relativeError.toFixed(5)}, congruence ${score.toFixed(3)}`,
);
