// What every runtime does with the library: train 20 steps, decompose, load a model, predict, explain,
// and say the SHA-256 of the bits. Plain JavaScript without imports, so that any runtime takes it.

const ROWS = 1280, INPUTS = 144, CLASSES = 10, BATCH = 128;

/** Rows of pixels of whole sixteenths, made by integers alone, and a class for each. */
export function rows(count = ROWS) {
  const inputs = new Float32Array(count * INPUTS), labels = new Int32Array(count);
  let state = 12345;
  for (let i = 0; i < inputs.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    inputs[i] = (state >>> 28) / 16;
  }
  for (let row = 0; row < count; row++) {
    const at = row * INPUTS;
    labels[row] = Math.floor(CLASSES * (inputs[at] + inputs[at + 1] + inputs[at + 2]) / 3);
  }
  return { inputs, labels };
}

export async function sha256(arrays) {
  const bytes = arrays.map(({ buffer, byteOffset, byteLength }) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  );
  const all = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
  bytes.reduce((at, one) => (all.set(one, at), at + one.length), 0);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Twenty steps with what training has: noise, smoothing, a schedule, clipping. */
function trained({ data, nn, optim, train }) {
  const { inputs, labels } = rows();
  const set = data.dataset({ inputs, labels: Array.from(labels), classes: CLASSES });
  const layers = [nn.linear(INPUTS, 128), nn.bilinear(128, 160), nn.linear(160, CLASSES)];
  const model = nn.sequential(layers, { seed: 7 });
  const optimizer = optim.adamw(model, { learningRate: 2e-3, weightDecay: 0.1, clip: { norm: 1 } });
  const schedule = optim.cosine(2e-3, { steps: 20 }, 1e-4);
  const options = { optimizer, schedule, epochs: 2, batchSize: BATCH, noise: 0.2, smoothing: 0.1 };
  let steps = 0;
  for (const { type } of train.steps(model, set, options)) steps += type === "step";
  if (steps !== 20) throw new Error(`20 steps were asked for, ${steps} made`);
  return model;
}

const weightsOf = (model) => [...model.parameters.values()].map((one) => one.toArray());

/** Bits of everything that is computed, as hashes. */
async function hashes(odot, file) {
  const model = trained(odot);
  const whole = odot.decompose.interactions(model);
  const eigen = [0, 3, 9].map((output) => odot.decompose.eigen(whole.output(output)));
  const loaded = odot.io.load(file), { inputs } = rows(64);
  const one = odot.interpret.explain(loaded, inputs.subarray(0, INPUTS));
  const copy = odot.io.load(odot.io.save(model));
  const predictions = [loaded.predict(inputs), loaded.predict(inputs.subarray(0, INPUTS))];
  return {
    weights: await sha256(weightsOf(copy)),
    eigenvalues: await sha256(eigen.map(({ values }) => values)),
    predictions: await sha256([
      ...predictions,
      Float64Array.of(one.logit, one.remainder, ...one.evidence.map((part) => part.contribution)),
    ]),
  };
}

/** Largest difference of the fast kernels' weights from the strict ones', over the largest weight. */
function relaxedDifference(odot) {
  odot.configure({ kernels: "strict" });
  const strict = weightsOf(trained(odot)).map((one) => Array.from(one)).flat();
  odot.configure({ kernels: "fast" });
  const fast = weightsOf(trained(odot)).map((one) => Array.from(one)).flat();
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const difference = largest(fast.map((value, i) => value - strict[i])) / largest(strict);
  return { kernels: odot.info().kernels, difference };
}

/** What the edge entry makes of a saved and of a packed model, one row at a time, as a hash. */
export async function runEdge(edge, file, packed) {
  const { inputs } = rows(16), bits = [];
  for (const model of [edge.load(file), edge.load(packed)]) {
    for (let at = 0; at < inputs.length; at += INPUTS) {
      const row = inputs.subarray(at, at + INPUTS);
      bits.push(model.predict(row).slice());
      if (!model.eigenvectors) continue;
      const { logit, remainder, evidence } = model.explain(row);
      bits.push(Float64Array.of(logit, remainder, ...evidence.map((part) => part.contribution)));
    }
  }
  return await sha256(bits);
}

/** Everything, for each number of threads that is asked for. */
export async function run(odot, { file, packed, edge, threads = [1, 2, 3], relaxed = true }) {
  const found = { threads: [], reason: "" };
  for (const asked of threads) {
    odot.configure({ kernels: "strict", threads: asked });
    const { threads: had, threadsReason } = odot.info();
    if (had < asked) {
      found.reason = threadsReason;
      continue;
    }
    // workers begin while this one waits
    if (had > 1) await new Promise((resolve) => setTimeout(resolve, 100));
    found.threads.push({ threads: had, ...await hashes(odot, file) });
  }
  if (threads.length > 1) odot.configure({ threads: 1 });
  return {
    ...found,
    edge: await runEdge(edge, file, packed),
    relaxed: relaxed ? relaxedDifference(odot) : undefined,
  };
}

/** The files that runtimes load: a network of the shape of {@linkcode rows}, saved and packed. */
export function savedModels({ configure, deploy, io, nn }) {
  configure({ kernels: "strict" });
  const layers = [nn.linear(INPUTS, 16), nn.bilinear(16, 24), nn.linear(24, CLASSES)];
  const model = nn.sequential(layers, { seed: 11 });
  const { bytes } = deploy.pack(model, { precision: "int8", eigenvectors: 4 });
  return { file: io.save(model), packed: bytes };
}
