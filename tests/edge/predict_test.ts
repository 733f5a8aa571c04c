import { assert, assertEquals, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import { configure, deploy, io, nn } from "../../mod.ts";
import { kernels, load } from "../../src/edge/mod.ts";
import { EDGE_NETWORKS, row, withDrawnParameters } from "../support/edge.ts";
import { leakChecked } from "../support/leaks.ts";

/** Runs `body` on the library's strict kernels. */
function strictly(body: () => void): void {
  configure({ kernels: "strict" });
  try {
    body();
  } finally {
    configure({ kernels: "fast" });
  }
}

for (const [name, make] of Object.entries(EDGE_NETWORKS)) {
  leakChecked(`predict() gives the bits of the library's strict kernels: ${name}`, () => {
    strictly(() => {
      const model = withDrawnParameters(make()), small = load(io.save(model));
      assertEquals([small.inputs, small.outputs], [model.inputs, model.outputs]);
      for (let seed = 0; seed < 5; seed++) {
        const x = row(model.inputs, seed).map((value) => value * 10 ** (seed - 2));
        assertEquals(small.predict(x).slice(), model.predict(x));
      }
      model[Symbol.dispose]();
    });
  });
}

leakChecked("predict() has the same bits for widths that leave tails in every loop", () => {
  strictly(() => {
    for (const inputs of [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33]) {
      for (const hidden of [1, 2, 5, 9]) {
        const layers = [nn.bilinear(inputs, hidden), nn.linear(hidden, 3)];
        const model = withDrawnParameters(nn.sequential(layers));
        const x = row(inputs, hidden);
        assertEquals(load(io.save(model)).predict(x).slice(), model.predict(x));
        model[Symbol.dispose]();
      }
    }
  });
});

leakChecked("predict() of an f16 file gives the bits of a model with those weights", () => {
  strictly(() => {
    const model = withDrawnParameters(EDGE_NETWORKS["bilinear"]!());
    const rounded = EDGE_NETWORKS["bilinear"]!();
    rounded.assign(Object.fromEntries([...model.parameters].map(([name, parameter]) => {
      const data = parameter.toArray() as Float32Array;
      return [name, parameter.shape.length === 2 ? io.decodeFloat16(io.encodeFloat16(data)) : data];
    })));
    const small = load(deploy.pack(model, { precision: "f16" }).bytes), x = row(11, 3);
    assertEquals(small.predict(x).slice(), rounded.predict(x));
    model[Symbol.dispose]();
    rounded[Symbol.dispose]();
  });
});

leakChecked(
  "predict() of an int8 file is that of a model with its weights, but for 16-bit inputs",
  () => {
    for (const [name, make] of Object.entries(EDGE_NETWORKS)) {
      const model = withDrawnParameters(make()),
        { bytes } = deploy.pack(model, { precision: "int8" });
      const { tensors } = io.readSafetensors(bytes);
      for (const [parameter, { dtype, data }] of Object.entries(tensors)) {
        const factors = tensors[`${parameter}.scale`]?.data;
        if (dtype !== "I8") continue;
        const columns = data.length / factors!.length;
        model.assign({
          [parameter]: Array.from(
            data as Int8Array,
            (whole, i) => whole * Number(factors![Math.floor(i / columns)]),
          ),
        });
      }
      const small = load(bytes), x = row(11, 5);
      const expected = model.predict(x), found = small.predict(x);
      const size = expected.reduce((top, value) => Math.max(top, Math.abs(value)), 0.1);
      expected.forEach((value, o) => assertLess(Math.abs(value - found[o]!) / size, 2e-3, name));
      model[Symbol.dispose]();
    }
  },
);

leakChecked("predict() of an int8 file does not overflow on rows of any length", () => {
  for (const inputs of [2063, 2064, 2072, 20000]) {
    const model = nn.sequential([nn.linear(inputs, 1, { bias: false })]);
    model.assign({ "0.weight": new Float32Array(inputs).fill(-1) });
    const small = load(deploy.pack(model, { precision: "int8" }).bytes);
    const found = small.predict(new Float32Array(inputs).fill(1))[0]!;
    assertLess(Math.abs(found / -inputs - 1), 1e-5);
    model[Symbol.dispose]();
  }
});

leakChecked("predict() returns the model's own array, and models do not share memory", () => {
  const model = EDGE_NETWORKS["bilinear"]!(), bytes = io.save(model);
  const one = load(bytes), other = load(bytes), x = row(11, 1), y = row(11, 2);
  const first = one.predict(x), kept = first.slice();
  other.predict(y);
  assertEquals(first, kept);
  assertStrictEquals(one.predict(y), first);
  assert(first.some((value, o) => value !== kept[o]), "overwritten by the next call");
  assertEquals(one.predict([...x]), kept, "plain arrays do as well");
  model[Symbol.dispose]();
});

leakChecked("predict() refuses rows of another length and values that are not finite", () => {
  const model = EDGE_NETWORKS["bilinear"]!(), small = load(io.save(model));
  model[Symbol.dispose]();
  assertThrows(() => small.predict(new Float32Array(10)), TypeError, "10 values");
  assertThrows(() => small.predict(new Float32Array(22)), TypeError, "one row of 11");
  for (const bad of [NaN, Infinity, -Infinity, 1e39]) {
    for (const at of [0, 3, 8, 10]) {
      const x = new Array(11).fill(0);
      x[at] = bad;
      assertThrows(() => small.predict(x), RangeError, `value ${at} is ${bad}`);
    }
  }
  assertEquals(small.predict(new Float32Array(11)).length, 4);
});

leakChecked("load() takes a module compiled elsewhere, and refuses another one", () => {
  const model = EDGE_NETWORKS["gate gelu"]!(), bytes = io.save(model), x = row(11, 1);
  const module = new WebAssembly.Module(kernels());
  assertEquals(load(bytes, { module }).predict(x), load(bytes).predict(x));
  const empty = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  for (const wrong of [empty, {} as WebAssembly.Module]) {
    assertThrows(() => load(bytes, { module: wrong }), TypeError, "edge kernels of this version");
  }
  model[Symbol.dispose]();
});
