import { assert, assertEquals } from "@std/assert";
import { certify, check, classPairs, radii, radius } from "../../src/guarantee/mod.ts";
import * as io from "../../src/io/mod.ts";
import { firstDigits } from "../support/digits.ts";
import { mnistModel } from "../support/fixtures.ts";
import { distance, forward } from "../support/networks.ts";
import { numbers } from "../support/numbers.ts";

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, x, i, all) => x > all[best]! ? i : best, 0);

Deno.test("radii of digits: exact, proven, certified and attacked, with an embedding of 256", () => {
  using model = mnistModel();
  const images = Float32Array.from(firstDigits("test", 24), (byte) => byte / 255);
  const pairs = classPairs(model), found = radii(pairs, images), draw = numbers(1);
  const sorted = found.radius.toSorted(), median = sorted[12]!;
  assert(median > 1 && median < 1.7, `median ${median}`);
  for (let i = 0; i < 24; i++) {
    const x = images.subarray(i * 784, (i + 1) * 784), exact = found.radius[i]!;
    assert(found.lower[i]! <= exact && found.lower[i]! > 0.95 * exact - 0.02, `image ${i}`);
    // without biases no class is kept beyond the origin
    assert(exact <= distance(x));
    const y = Float32Array.from(x),
      step = draw.doubles(784),
      size = 0.999 * found.lower[i]! / distance(step);
    assertEquals(largest(model.predict(y.map((v, j) => v + size * step[j]!))), found.labels[i]);
    if (i % 8 > 0) continue;
    const one = radius(pairs, x), logits = forward(model, one.point);
    assert(Math.abs(logits[one.label]! - logits[one.rival]!) < 1e-6);
    assert(Math.abs(one.radius - exact) < 1e-9 * exact && one.rival === found.rival[i]);
    const beyond = one.change.map((v, j) => x[j]! + 1.01 * v),
      within = one.change.map((v, j) => x[j]! + 0.99 * found.lower[i]! / exact * v);
    assertEquals(largest(model.predict(beyond)), one.rival);
    assertEquals(largest(model.predict(within)), one.label);
  }
  const x = images.subarray(0, 784);
  const answer = certify(pairs, x, { radius: 0.999 * found.lower[0]! });
  assert(answer.verdict === "certified");
  assertEquals(check(answer.certificate, io.save(model), x).verdict, "certified");
  assertEquals(certify(pairs, x, { radius: 1.01 * found.radius[0]! }).verdict, "refuted");
});
