import { eigh, matmul, type Matrix, matrix, qr } from "../linalg/mod.ts";
import type { BilinearMap } from "./deep_interactions.ts";
import { EXPLICIT, type Orthogonal, symmetric } from "./odt_gauge.ts";
import { symmetricForm } from "./quadratic_form.ts";
import { stackRows } from "./rows.ts";

/** All that lies above one state, seen from one of its occurrences, by a root or its square. */
export interface Environment {
  /** H [rows, dimension]: its singular values are those of the network cut here, in units of scale. */
  readonly root?: Matrix;
  /** G = HᵀH [dimension, dimension], where there is no root. */
  readonly gram?: Matrix;
  /** Singular values below this share of the largest are rounding. */
  readonly rounding: number;
}

const EPSILON = 2 ** -52;

/**
 * From the outputs down: the environment of every state. Where the core of a map is small it is written
 * out and H triangularised, to full precision; else G = HᵀH is computed from the factors,
 * O(k² · width), which loses what is below √ε. Every ‖H‖ is ‖Θ‖/scale. `done` is called after every map.
 * Source: Dooms et al. 2025 (2504.02667); the recursion, METHODS 11.
 */
export function environments(
  { gauges, layers }: Orthogonal,
  explicit: number = EXPLICIT,
  done: () => void = () => {},
): { readonly all: readonly Environment[]; readonly scale: number } {
  const head = gauges.at(-1)!.up;
  const scale = head.data.reduce((top, value) => Math.max(top, Math.abs(value)), 0) || 1;
  const unit = matrix(head.rows, head.columns, head.data.map((value) => value / scale));
  const all: Environment[] = [{ root: unit, rounding: 8 * head.rows * EPSILON }];
  for (const layer of [...layers].reverse()) {
    all.unshift(below(all[0]!, layer, explicit));
    done();
  }
  return { all, scale };
}

function below(above: Environment, layer: BilinearMap, explicit: number): Environment {
  const { root, gram, rounding } = above, size = layer.left.columns;
  if ((root ?? gram!).rows * size * size > explicit) {
    const weights = root && matmul(root, layer.readout);
    const m = weights
      ? matmul(weights, weights, "TN")
      : matmul(matmul(layer.readout, gram!, "TN"), layer.readout);
    return {
      gram: environmentGram(m, layer),
      rounding: Math.max(rounding, 2 * Math.sqrt(size * EPSILON)),
    };
  }
  const weights = matmul(root ?? rootOf(gram!), layer.readout), { rows } = weights;
  const forms = matrix(rows * size, size);
  for (let r = 0; r < rows; r++) {
    const own = weights.data.slice(r * weights.columns, (r + 1) * weights.columns);
    forms.data.set(symmetricForm(own, layer, size).data, r * size * size);
  }
  return { root: qr(forms).r, rounding: Math.max(rounding, 8 * size * EPSILON) };
}

/** ¼[Aᵀ(M∘BBᵀ)A + Aᵀ(M∘BAᵀ)B + Bᵀ(M∘ABᵀ)A + Bᵀ(M∘AAᵀ)B] for neurons with weights M. */
function environmentGram(m: Matrix, { left, right }: BilinearMap): Matrix {
  const both = stackRows([left, right]), n = left.rows;
  const gram = matmul(both, both, "NT"), mixed = matrix(2 * n, 2 * n);
  for (let i = 0; i < 2 * n; i++) {
    // the sibling of a left side is the right side, and the reverse
    const other = (i + n) % (2 * n) * 2 * n, own = (i % n) * n;
    for (let j = 0; j < 2 * n; j++) {
      mixed.data[i * 2 * n + j] = m.data[own + j % n]! / 4 * gram.data[other + (j + n) % (2 * n)]!;
    }
  }
  return symmetric(matmul(matmul(both, mixed, "TN"), both));
}

/** Λ^½ · Vᵀ. */
function rootOf(gram: Matrix): Matrix {
  const { values, vectors } = eigh(gram), n = gram.rows, root = matrix(n, n);
  values.forEach((value, j) => {
    const factor = Math.sqrt(Math.max(0, value));
    for (let i = 0; i < n; i++) root.data[j * n + i] = factor * vectors.data[i * n + j]!;
  });
  return root;
}
