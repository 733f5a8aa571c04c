import { blend, sameShape, scale, scope, type Tensor, zeros } from "../tensor/mod.ts";
import { checkColumns, clipFactor, normalizeColumns, startUnit, tangent } from "./gradients.ts";

/** Something with named parameters: a model. */
export interface Trainable {
  /** Parameters by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
}

/** Picks parameters by name: a pattern, a list of names, or a test. */
export type Match = RegExp | readonly string[] | ((name: string) => boolean);

/** Parameters that are treated differently; the first group that matches a name counts. */
export interface Group {
  /** Which parameters. */
  readonly match: Match;
  /** Factor of the learning rate; 1 unless said. */
  readonly learningRate?: number;
  /** Weight decay instead of the optimizer's. */
  readonly weightDecay?: number;
}

/** Options that every optimizer has. */
export interface OptimizerOptions {
  /** Step size, dimensionless. */
  readonly learningRate?: number;
  /** Decay of the weights; what it multiplies is the optimizer's to say. */
  readonly weightDecay?: number;
  /** Parameters with settings of their own, such as biases without decay. */
  readonly groups?: readonly Group[];
  /**
   * Gradients are cut before the update: every element to ±value, then all together to a Euclidean norm.
   * Source: Pascanu et al. 2013.
   */
  readonly clip?: { readonly value?: number; readonly norm?: number };
  /** Gradients of so many calls of step() are averaged before an update; 1 unless said. */
  readonly accumulate?: number;
  /**
   * Matrices whose columns, none of them zero, keep unit norm: the gradient loses its part along each column before the
   * update, and the columns are normalised after it, as dictionary learning wants (Bricken et al. 2023).
   */
  readonly unitColumns?: Match;
}

/** What updates the parameters of a model from their gradients. */
export interface Optimizer {
  /** Step size; a schedule sets it anew. */
  learningRate: number;
  /** Updates made so far. */
  readonly steps: number;
  /** Moments and accumulated gradients by parameter name, such as `0.weight.first`. */
  readonly state: ReadonlyMap<string, Tensor>;
  /** What the optimizer is, as plain data: checkpoints compare it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** All of the state that is no tensor, as plain data. */
  readonly counters: OptimizerCounters;
  /**
   * Updates the parameters in place.
   *
   * @throws {ReferenceError} when the gradient of a parameter is missing or freed; {TypeError} when its
   * shape differs; {RangeError} when the learning rate is negative or not finite.
   */
  step(gradients: ReadonlyMap<string, Tensor>): void;
  /**
   * Sets the state, so that training goes on as if it had never stopped; either all of it or, on an
   * error, none.
   *
   * @throws {ReferenceError} for a missing or unknown name; {TypeError} for a wrong size; {RangeError} for
   * counters that are none.
   */
  restore(counters: OptimizerCounters, state: Readonly<Record<string, ArrayLike<number>>>): void;
  /** Frees the state. */
  [Symbol.dispose](): void;
}

/** Counters of an optimizer. */
export interface OptimizerCounters {
  /** Updates made. */
  readonly steps: number;
  /** Gradients that wait for the next update. */
  readonly pending: number;
  /** Step size, dimensionless. */
  readonly learningRate: number;
}

/** What one kind of optimizer adds to the common frame. */
export interface Method {
  readonly name: string;
  /** Names of the tensors that go with a parameter. */
  readonly slots: (name: string, parameter: Tensor) => readonly string[];
  /** Settings that checkpoints compare. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly update: (target: Target, time: Time) => void;
}

/** One parameter at an update. */
export interface Target {
  readonly name: string;
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /** Its tensors, by slot name. */
  readonly slot: (name: string) => Tensor;
  readonly rate: number;
  readonly weightDecay: number;
}

/** When an update happens. */
export interface Time {
  /** Number of the update, from 1. */
  readonly step: number;
  /** βᵗ by repeated multiplication: Math.pow may differ between engines. */
  readonly power: (beta: number) => number;
}

/** Throws a RangeError unless 0 ≤ value < below. */
export function checkRange(name: string, value: number, below: number = Infinity): void {
  if (!(value >= 0 && value < below)) {
    throw new RangeError(
      `Cannot use ${name} ${value}: it must be at least 0${
        below === Infinity ? " and finite" : ` and below ${below}`
      }`,
    );
  }
}

/** Whether a parameter is picked. */
export function matches(match: Match | undefined, name: string): boolean {
  if (match === undefined) return false;
  if (typeof match === "function") return match(name);
  // search() begins anew at every call, where test() of a pattern with the flag g goes on
  return match instanceof RegExp ? name.search(match) >= 0 : match.includes(name);
}

/** The frame around every optimizer: groups, clipping, accumulation, unit columns, state. */
export function optimizer(
  model: Trainable,
  options: OptimizerOptions & { readonly learningRate: number; readonly weightDecay: number },
  method: Method,
): Optimizer {
  const { clip = {}, accumulate = 1, groups = [], unitColumns, weightDecay } = options;
  checkRange("learningRate", options.learningRate);
  checkRange("weightDecay", weightDecay);
  for (const [name, limit] of Object.entries(clip)) {
    if (!(limit > 0)) {
      throw new RangeError(`Cannot clip gradients to ${name} ${limit}: it must be above 0`);
    }
  }
  if (!Number.isSafeInteger(accumulate) || accumulate < 1) {
    throw new RangeError(`Cannot accumulate ${accumulate} gradients: give a whole number ≥ 1`);
  }
  for (const { learningRate = 1, weightDecay = 0 } of groups) {
    checkRange("the learningRate of a group", learningRate);
    checkRange("the weightDecay of a group", weightDecay);
  }
  for (const [name, parameter] of model.parameters) {
    if (matches(unitColumns, name)) checkColumns(name, parameter);
  }
  const state = new Map<string, Tensor>(), powers = new Map<number, number>();
  for (const [name, parameter] of model.parameters) {
    const slots = [...method.slots(name, parameter), ...(accumulate > 1 ? ["accumulated"] : [])];
    for (const slot of slots) state.set(`${name}.${slot}`, zeros(parameter.shape));
    if (matches(unitColumns, name)) startUnit(parameter);
  }
  const changes = accumulate > 1 || unitColumns !== undefined || Object.keys(clip).length > 0;
  let steps = 0, pending = 0;

  function update(gradients: ReadonlyMap<string, Tensor>, learningRate: number): void {
    steps++;
    for (const [beta, value] of powers) powers.set(beta, value * beta);
    const power = (beta: number): number => {
      const known = powers.get(beta) ?? powerOf(beta, steps);
      powers.set(beta, known);
      return known;
    };
    const factor = clipFactor(gradients, clip);
    for (const [name, parameter] of model.parameters) {
      const gradient = gradients.get(name)!;
      if (factor < 1) blend(gradient, factor, gradient, 0);
      const group = groups.find(({ match }) => matches(match, name));
      const unit = matches(unitColumns, name);
      if (unit) tangent(parameter, gradient);
      method.update({
        name,
        parameter,
        gradient,
        slot: (slot) => state.get(`${name}.${slot}`)!,
        rate: learningRate * (group?.learningRate ?? 1),
        weightDecay: group?.weightDecay ?? weightDecay,
      }, { step: steps, power });
      if (unit) normalizeColumns(parameter);
    }
  }

  return {
    learningRate: options.learningRate,
    get steps(): number {
      return steps;
    },
    get counters(): OptimizerCounters {
      return { steps, pending, learningRate: this.learningRate };
    },
    state,
    config: {
      ...{ type: method.name, weightDecay, accumulate, clip, ...method.settings },
      groups: groups.map(({ match, ...rest }) => ({ match: String(match), ...rest })),
      ...(unitColumns && { unitColumns: String(unitColumns) }),
    },
    step(gradients: ReadonlyMap<string, Tensor>): void {
      const { learningRate } = this, found = checkGradients(model, gradients);
      checkRange("learningRate", learningRate);
      scope(() => {
        // what the caller holds stays as it is
        const own = changes
          ? new Map([...found].map(([name, gradient]) => [name, scale(gradient, 1)]))
          : found;
        if (accumulate > 1) {
          own.forEach((gradient, name) =>
            blend(state.get(`${name}.accumulated`)!, 1, gradient, 1 / accumulate)
          );
          if (++pending < accumulate) return;
          pending = 0;
          own.forEach((gradient, name) => blend(gradient, 0, state.get(`${name}.accumulated`)!, 1));
        }
        update(own, learningRate);
        if (accumulate > 1) {
          for (const name of own.keys()) {
            const waiting = state.get(`${name}.accumulated`)!;
            waiting.set(new Float32Array(waiting.size));
          }
        }
      });
    },
    restore(counters, values): void {
      checkCounters(counters, accumulate);
      const checked = [...state].map(([name, tensor]) => {
        const found = values[name];
        if (!found) throw new ReferenceError(`Cannot restore the optimizer: "${name}" is missing`);
        if (found.length !== tensor.size) {
          throw new TypeError(
            `Cannot restore the optimizer: "${name}" has ${found.length} values, and ${tensor} takes ${tensor.size}`,
          );
        }
        return [tensor, found] as const;
      });
      const extra = Object.keys(values).find((name) => !state.has(name));
      if (extra !== undefined) {
        throw new ReferenceError(`Cannot restore the optimizer: it has no "${extra}"`);
      }
      for (const [tensor, found] of checked) tensor.set(found);
      ({ steps, pending } = counters);
      this.learningRate = counters.learningRate;
      powers.clear();
    },
    [Symbol.dispose]: () => state.forEach((tensor) => tensor[Symbol.dispose]()),
  };
}

/** The gradients of the parameters, and no others. */
function checkGradients(
  model: Trainable,
  gradients: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  for (const [name, parameter] of model.parameters) {
    const gradient = gradients.get(name);
    if (!gradient) throw new ReferenceError(`Cannot step: the gradient of "${name}" is missing`);
    if (!sameShape(gradient.shape, parameter.shape) || gradient.dtype !== "f32") {
      throw new TypeError(`Cannot step: "${name}" is ${parameter}, its gradient ${gradient}`);
    }
    void gradient.address; // a freed gradient throws before anything has changed
    found.set(name, gradient);
  }
  return found;
}

function checkCounters({ steps, pending, learningRate }: OptimizerCounters, most: number): void {
  if (!Number.isSafeInteger(steps) || steps < 0) {
    throw new RangeError(`Cannot restore the optimizer at step ${steps}: give a whole number ≥ 0`);
  }
  if (!Number.isSafeInteger(pending) || pending < 0 || pending >= most) {
    throw new RangeError(
      `Cannot restore the optimizer with ${pending} gradients waiting: it updates at every ${most}`,
    );
  }
  checkRange("learningRate", learningRate);
}

function powerOf(beta: number, exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i++) power *= beta;
  return power;
}
