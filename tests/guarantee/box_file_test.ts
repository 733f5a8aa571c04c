import { assert, assertEquals } from "@std/assert";
import { interactions } from "../../src/decompose/mod.ts";
import { sealed } from "../../src/guarantee/certificate.ts";
import { fingerprint } from "../../src/guarantee/certificate_model.ts";
import { plainLayers } from "../../src/guarantee/certify.ts";
import { boxAround, type BoxCertificate, certifyBox, check } from "../../src/guarantee/mod.ts";
import * as io from "../../src/io/mod.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { exactMinimum } from "./boxes.ts";
import { changed } from "./tampering.ts";

/** A box that is certified, its file, and what that is about. */
function certified(): { bytes: Uint8Array; x: Float32Array; file: BoxCertificate } {
  using model = network({ name: "", inputs: 4, before: [3], neurons: 3, after: [3] }, "all", 21);
  const x = numbers(3).floats(4, 0, 1), domain = [0, 1] as const;
  const answer = certifyBox(model, x, { radius: 0.01, domain });
  assert(answer.verdict === "certified" && answer.certificate.file);
  return { bytes: io.save(model), x, file: answer.certificate.file };
}

Deno.test("certifyBox() gives every certified box without branches a file that check() accepts", () => {
  const draw = numbers(2), seen = { certified: 0, domain: 0 };
  for (const { shape, bias, seed } of NETWORKS) {
    if (shape.after.length === 0 && shape.neurons === 1) continue;
    using model = network(shape, bias, seed);
    const bytes = io.save(model);
    for (const radius of [0, 1e-3, 0.02, 0.1]) {
      const x = draw.floats(shape.inputs, 0, 1);
      const domain = draw.next() < 0.5 ? { domain: [0, 1] as const } : {};
      const answer = certifyBox(model, x, { radius, ...domain });
      if (answer.verdict !== "certified") continue;
      const { file, margin } = answer.certificate;
      assert(file, `${shape.name} ${bias} ${radius}`);
      const checked = check(JSON.parse(JSON.stringify(file)), bytes, x);
      assert(checked.verdict === "certified" && checked.slack > 0 && margin > 0);
      assertEquals(certifyBox(model, x, { radius, ...domain, file: false }), {
        ...answer,
        certificate: { ...answer.certificate, file: undefined },
      });
      seen.certified++;
      if (file.domain[0] === 0) seen.domain++;
    }
  }
  assert(seen.certified > 50 && seen.domain > 20, JSON.stringify(seen));
});

Deno.test("certifyBox() keeps to a domain with one end, and to inputs on its edge", () => {
  using model = network({ name: "", inputs: 5, before: [], neurons: 4, after: [3] }, "all", 3);
  const x = Float32Array.of(0, 1, 0.5, 0, 0.25);
  for (const domain of [[0, Infinity], [-Infinity, 1], [0, 1], undefined] as const) {
    const answer = certifyBox(model, x, { radius: 1e-3, ...(domain && { domain }) });
    assert(answer.verdict === "certified" && answer.certificate.file);
    const file = JSON.parse(JSON.stringify(answer.certificate.file));
    assertEquals(check(file, io.save(model), x).verdict, "certified");
  }
});

Deno.test("certifyBox() gives L1 balls no file", () => {
  using model = network({ name: "", inputs: 5, before: [], neurons: 4, after: [3] }, "all", 3);
  const answer = certifyBox(model, [0, 1, 0.5, 0, 0.25], { radius: 1e-3, norm: "l1" });
  assert(answer.verdict === "certified" && answer.certificate.file === undefined);
});

Deno.test("check() rejects a box with any field, the model or the input changed", () => {
  const { bytes, x, file } = certified();
  assertEquals(check(file, bytes, x).verdict, "certified");
  const variants = changed(file);
  assert(variants.length > 150);
  for (const variant of variants) {
    assertEquals(check(variant, bytes, x).verdict, "unknown", JSON.stringify(variant));
  }
  for (let i = 0; i < x.length; i++) {
    const other = x.slice();
    new Uint8Array(other.buffer)[4 * i]! ^= 1;
    assertEquals(check(file, bytes, other).verdict, "unknown");
  }
  using model = io.load(bytes);
  for (const [name, parameter] of model.parameters) {
    const values = parameter.toArray() as Float32Array, other = values.slice();
    new Uint8Array(other.buffer)[0]! ^= 1;
    parameter.set(other);
    assertEquals(check(file, io.save(model), x).verdict, "unknown", name);
    parameter.set(values);
  }
});

Deno.test("check() proves a box again: false claims whose digests fit are rejected", () => {
  const { bytes, x, file } = certified(), [first, ...others] = file.rivals;
  const each = (change: (shift: number) => number): BoxCertificate["rivals"] =>
    file.rivals.map((rival) => ({ ...rival, shift: rival.shift.map(change) }));
  assertEquals(check(sealed({ ...file }), bytes, x).verdict, "certified");
  for (
    const lie of [
      { radius: 1e9 },
      { radius: 10 },
      { domain: [0.99, 1] as const },
      { domain: [1, 0] as const },
      { label: first!.class, rivals: [{ ...first!, class: file.label }, ...others] },
      { rivals: each(() => 0) },
      { rivals: each((shift) => shift * 1e9) },
      { rivals: each(() => 1e308) },
      { rivals: each(() => 2 ** -1074) },
      { rivals: [first!, first!] },
      { rivals: [first!] },
      { rivals: [...file.rivals, { ...first!, class: 17 }] },
      { rivals: file.rivals.map((rival) => ({ ...rival, shift: rival.shift.slice(1) })) },
      { rivals: file.rivals.map((rival) => ({ ...rival, step: [] })) },
    ]
  ) {
    assertEquals(
      check(sealed({ ...file, ...lie }), bytes, x).verdict,
      "unknown",
      JSON.stringify(lie),
    );
  }
});

Deno.test("check() accepts no box with a planted counterexample, whatever D and the tangent", () => {
  const draw = numbers(7);
  let lies = 0, fair = 0;
  for (let seed = 0; seed < 30; seed++) {
    const before = seed % 2 === 0 ? [] : [3];
    using model = network(
      { name: "", inputs: 4, before, neurons: 2 + seed % 4, after: [2] },
      "all",
      60 + seed,
    );
    const x = draw.floats(4, 0, 1),
      radius = 0.05,
      bias = model.parameters.get(`${before.length + 1}.bias`)!;
    const least = exactMinimum(interactions(model).difference(0, 1), boxAround(x, radius));
    const values = bias.toArray() as Float32Array, original = values[0]!;
    // first the margin of class 0 is positive all over the box, then it dips below 0 by less than f32 resolves
    values[0] = original - least + 1e-3;
    bias.set(values);
    const answer = certifyBox(model, x, { radius, label: 0, seconds: 0.1 });
    if (answer.verdict !== "certified" || !answer.certificate.file) continue;
    const { file } = answer.certificate;
    fair++;
    values[0] = original - least - 10 ** -(3 + seed % 4);
    bias.set(values);
    if (exactMinimum(interactions(model).difference(0, 1), boxAround(x, radius)) >= 0) continue;
    const bytes = io.save(model), about = fingerprint(plainLayers(model));
    for (let trial = 0; trial < 40; trial++) {
      const rivals = file.rivals.map((rival) => ({
        ...rival,
        shift: rival.shift.map((d) => d * draw.next(0.3, 1.5)),
        step: rival.step.map((s) => s + 0.02 * draw.next(-1, 1)),
      }));
      assertEquals(check(sealed({ ...file, model: about, rivals }), bytes, x).verdict, "unknown");
      lies++;
    }
  }
  assert(fair > 10 && lies > 400, `${fair} ${lies}`);
});
