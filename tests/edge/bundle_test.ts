import { assert, assertFalse, assertLess } from "@std/assert";
import { edgeBundle } from "../../bench/edge_bundle.ts";
import { io, nn } from "../../mod.ts";
import { row } from "../support/edge.ts";

Deno.test("./edge takes at most 15 KB after gzip, names no host, generates no code, and runs", async () => {
  const { gzip, code } = await edgeBundle();
  assertLess(gzip, 15_000);
  // a message names the source that a security policy must allow
  const bare = code.replaceAll("unsafe-eval", "");
  for (
    const forbidden of [/\beval\b/, /new Function/, /node:/, /\bDeno\./, /\bfetch\(/, /require\(/]
  ) {
    assertFalse(forbidden.test(bare), `the bundle has ${forbidden}`);
  }
  const { load } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const model = nn.sequential([nn.bilinear(5, 4), nn.linear(4, 2)], { seed: 1 });
  const x = row(5, 1), expected = model.predict(x), found = load(io.save(model)).predict(x);
  assert(expected.every((value, o) => Math.abs(value - found[o]) < 1e-6));
  model[Symbol.dispose]();
});
