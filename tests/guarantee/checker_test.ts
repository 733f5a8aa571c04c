import { assert, assertEquals, assertThrows } from "@std/assert";
import { pack } from "../../src/deploy/mod.ts";
import { load } from "../../src/edge/mod.ts";
import { FormatError } from "../../src/formats/mod.ts";
import { sealed } from "../../src/guarantee/certificate.ts";
import {
  fingerprint,
  hashOfInput,
  type PlainLayer,
} from "../../src/guarantee/certificate_model.ts";
import { check, checkLayers } from "../../src/guarantee/checker.ts";
import { certify, type ClassCertificate, classPairs, radius } from "../../src/guarantee/mod.ts";
import { sha256 } from "../../src/guarantee/sha256.ts";
import * as io from "../../src/io/mod.ts";
import * as nn from "../../src/nn/mod.ts";
import { network, NETWORKS } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";
import { changed } from "./tampering.ts";

/** A model, an input, and the certificate of a radius a little below the proven one. */
function certified(): { bytes: Uint8Array; x: Float32Array; certificate: ClassCertificate } {
  using model = network(NETWORKS[0]!.shape, "all", 100);
  const x = numbers(3).floats(12), { lower } = radius(model, x);
  const answer = certify(model, x, { radius: 0.95 * lower });
  assert(answer.verdict === "certified");
  return { bytes: io.save(model), x, certificate: answer.certificate };
}

Deno.test("sha256() gives the digests of the standard", () => {
  const of = (text: string): string => sha256(new TextEncoder().encode(text));
  assertEquals(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  assertEquals(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

Deno.test("sha256() agrees with the host at every length around a block", async () => {
  for (let length = 50; length < 140; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256);
    const host = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    assertEquals(sha256(bytes), Array.from(host, (b) => b.toString(16).padStart(2, "0")).join(""));
  }
});

Deno.test("check() accepts a certificate after its way through JSON, and says what is left", () => {
  const { bytes, x, certificate } = certified();
  const checked = check(JSON.parse(JSON.stringify(certificate)), bytes, x);
  assert(checked.verdict === "certified" && checked.slack > 0);
});

Deno.test("check() rejects a certificate with any field changed", () => {
  const { bytes, x, certificate } = certified();
  const variants = changed(certificate);
  assert(variants.length > 60);
  for (const variant of [...variants, null, 3, "text", [], {}]) {
    assertEquals(check(variant, bytes, x).verdict, "unknown", JSON.stringify(variant));
  }
});

Deno.test("check() proves again: a false claim with a digest that fits is rejected too", () => {
  const { bytes, x, certificate: { model, input, label, radius, rivals } } = certified();
  const whole = { kind: "class" as const, model, input, label, radius, rivals };
  assertEquals(check(sealed(whole), bytes, x).verdict, "certified");
  for (
    const lie of [
      { radius: radius * 1.1 },
      { radius: 1e10 },
      { label: rivals[0]!.class, rivals: [{ class: label, multiplier: 1 }, ...rivals.slice(1)] },
      { rivals: rivals.map((rival) => ({ ...rival, multiplier: 0 })) },
      { rivals: rivals.map((rival) => ({ ...rival, multiplier: rival.multiplier * 1e3 })) },
      { rivals: [...rivals.slice(1), rivals[1]!] },
      { rivals: [...rivals, { class: 17, multiplier: 1 }] },
    ]
  ) {
    assertEquals(
      check(sealed({ ...whole, ...lie }), bytes, x).verdict,
      "unknown",
      JSON.stringify(lie),
    );
  }
});

Deno.test("check() reads files of the first version, which had no kind, and of no later one", () => {
  const { bytes, x, certificate: { kind, version, digest, ...rest } } = certified();
  const pairs = rest.rivals.map((rival) => [rival.class, rival.multiplier]);
  const signed = (version: number): string =>
    sha256(new TextEncoder().encode(
      JSON.stringify([version, rest.model, rest.input, rest.label, rest.radius, pairs]),
    ));
  const first = { ...rest, version: 1, digest: signed(1) };
  assertEquals(check(first, bytes, x).verdict, "certified");
  assertEquals(check({ ...first, digest }, bytes, x).verdict, "unknown");
  assertEquals(check({ ...first, kind }, bytes, x).verdict, "unknown");
  assertEquals(check({ ...rest, version, digest }, bytes, x).verdict, "unknown");
  assertEquals(
    check({ ...rest, version: 3, kind, digest: signed(3) }, bytes, x).verdict,
    "unknown",
  );
  for (const variant of changed(first)) assertEquals(check(variant, bytes, x).verdict, "unknown");
});

Deno.test("check() rejects another model and another input, by a single bit", () => {
  const { bytes, x, certificate } = certified();
  for (let i = 0; i < x.length; i++) {
    const other = x.slice();
    new Uint8Array(other.buffer)[4 * i]! ^= 1;
    assertEquals(check(certificate, bytes, other).verdict, "unknown");
  }
  assertEquals(check(certificate, bytes, x.subarray(1)).verdict, "unknown");
  assertEquals(check(certificate, bytes, x.map(() => NaN)).verdict, "unknown");
  using model = io.load(bytes);
  for (const [name, parameter] of model.parameters) {
    const values = parameter.toArray() as Float32Array, other = values.slice();
    new Uint8Array(other.buffer)[0]! ^= 1;
    parameter.set(other);
    assertEquals(check(certificate, io.save(model), x).verdict, "unknown", name);
    parameter.set(values);
  }
  assertEquals(check(certificate, io.save(model), x).verdict, "certified");
});

Deno.test("check() refuses bytes that are no model, or one without an exact form", () => {
  const { x, certificate } = certified();
  assertThrows(() => check(certificate, new Uint8Array(20), x), FormatError);
  using gated = nn.sequential([nn.bilinear(12, 4, { gate: "relu" })]);
  assertThrows(() => check(certificate, io.save(gated), x), FormatError, "layer 0");
  using deep = nn.sequential([nn.bilinear(12, 4), nn.bilinear(4, 4)]);
  assertEquals(check(certificate, io.save(deep), x).verdict, "unknown");
});

Deno.test("check() refuses a packed file, whose whole numbers are another network", () => {
  using model = nn.sequential([nn.bilinear(4, 3), nn.linear(3, 3)], { seed: 2 });
  const { bytes } = pack(model, { precision: "int8" }), x = Float32Array.of(1, 0, 0, 1);
  // what the whole numbers alone predict is class 2, and what the file stands for is class 0
  assertEquals(load(bytes).predict(x).indexOf(Math.max(...load(bytes).predict(x))), 0);
  const layers: PlainLayer[] = model.layers.map(({ config, parameters }, i) => ({
    type: config.type as PlainLayer["type"],
    inputs: parameters.get("weight")!.shape[1]!,
    rows: parameters.get("weight")!.shape[0]!,
    weight: Float32Array.from(io.readSafetensors(bytes).tensors[`${i}.weight`]!.data as Int8Array),
    bias: parameters.get("bias")!.toArray() as Float32Array,
  }));
  const forged = forgery(layers, x, 2, 1e9);
  assertEquals(checkLayers(forged, layers, x).verdict, "certified");
  assertThrows(() => check(forged, bytes, x), FormatError, "packed");
});

Deno.test("checkLayers() proves nothing about layers that make no network", () => {
  const x = Float32Array.of(1, 1), ones = (n: number): Float32Array => new Float32Array(n).fill(1);
  const bilinear: PlainLayer = { type: "bilinear", inputs: 2, rows: 4, weight: ones(8) };
  const readout: PlainLayer = {
    type: "linear",
    inputs: 2,
    rows: 2,
    weight: Float32Array.of(1, 1, 0, 0),
  };
  const verdict = (...layers: PlainLayer[]): string =>
    checkLayers(forgery(layers, x, 0, 10), layers, x).verdict;
  assertEquals(verdict(bilinear, readout), "certified");
  // a neuron that no layer reads, weights or biases that are cut off, and halves that are none
  assertEquals(verdict({ ...bilinear, rows: 6, weight: ones(12) }, readout), "unknown");
  assertEquals(verdict({ ...bilinear, weight: ones(10) }, readout), "unknown");
  assertEquals(verdict({ ...bilinear, bias: ones(3) }, readout), "unknown");
  assertEquals(verdict({ ...bilinear, rows: 5, weight: ones(10) }, readout), "unknown");
  assertEquals(verdict(bilinear, { ...readout, inputs: 1, rows: 4 }), "unknown");
});

/** A certificate that somebody else wrote, its digests as they must be. */
function forgery(
  layers: readonly PlainLayer[],
  x: Float32Array,
  label: number,
  multiplier: number,
): ClassCertificate {
  const rivals = Array.from({ length: layers.at(-1)!.rows }, (_, c) => ({ class: c, multiplier }))
    .filter((rival) => rival.class !== label);
  const [model, input] = [fingerprint(layers), hashOfInput(x)];
  return sealed({ kind: "class", model, input, label, radius: 1e-3, rivals });
}

Deno.test("check() never accepts a claim beyond the exact radius, whatever the multipliers", () => {
  const draw = numbers(9);
  for (
    const { shape, bias, seed } of NETWORKS.filter(({ shape }) =>
      shape.inputs < 12 && shape.neurons > 1
    )
  ) {
    using model = network(shape, bias, seed);
    const pairs = classPairs(model), x = draw.floats(shape.inputs), found = radius(pairs, x);
    const answer = certify(pairs, x, { radius: found.lower * 0.9 });
    if (answer.verdict !== "certified" || found.radius === Infinity) continue;
    const bytes = io.save(model);
    for (let trial = 0; trial < 40; trial++) {
      const rivals = answer.certificate.rivals.map((rival) => ({
        ...rival,
        multiplier: rival.multiplier * draw.next(0.3, 2),
      }));
      const claim = sealed({
        ...answer.certificate,
        radius: found.radius * draw.next(1, 1.3),
        rivals,
      });
      assertEquals(check(claim, bytes, x).verdict, "unknown");
    }
  }
});
