import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { deploy, nn } from "../../mod.ts";
import { type Answer, handler } from "../../examples/edge/handler.ts";
import { load } from "../../src/edge/mod.ts";
import { numbers } from "../support/numbers.ts";

const trained = nn.sequential([nn.bilinear(784, 6), nn.linear(6, 10)], { seed: 1 });
const model = load(deploy.pack(trained, { precision: "int8", eigenvectors: 3 }).bytes);
const answer = handler(model, "<!doctype html><title>page</title>");
const digit = Uint8Array.from(numbers(1).whole(784, 0, 255));

function post(body: BodyInit, query = ""): Promise<Response> {
  return answer(new Request(`http://worker/${query}`, { method: "POST", body }));
}

Deno.test("the Worker answers with class, logits, and eigenfeatures that add up", async () => {
  const response = await post(digit), found: Answer = await response.json();
  const logits = model.predict(Array.from(digit, (value) => value / 255));
  assertEquals([response.status, found.class], [200, logits.indexOf(Math.max(...logits))]);
  assertEquals(found.logits, [...logits]);
  assertEquals([found.explained, found.eigenfeatures.length], [found.class, 3]);
  const sum = found.eigenfeatures.reduce((total, { contribution }) => total + contribution, 0);
  assertAlmostEquals(sum + found.remainder, found.logits[found.class]!, 1e-9);
});

Deno.test("the Worker takes bytes and JSON alike, and explains the digit that is asked for", async () => {
  const bytes = await (await post(digit, "?explain=7")).json();
  const numbers = await (await post(JSON.stringify([...digit]), "?explain=7")).json();
  assertEquals(bytes, numbers);
  assertEquals(bytes.explained, 7);
});

Deno.test("the Worker keeps requests apart that come at the same time", async () => {
  const bodies = Array.from({ length: 20 }, (_, i) => digit.map((value) => value >> (i % 5)));
  const alone: unknown[] = [];
  for (const body of bodies) alone.push(await (await post(body)).json());
  const together = await Promise.all(bodies.map(async (body) => (await post(body)).json()));
  assertEquals(together, alone);
});

Deno.test("the Worker refuses what is no digit, with a message", async () => {
  for (
    const [body, query, status, message] of [
      ["", "", 400, ""],
      ["{", "", 400, "JSON"],
      ["[1,2]", "", 400, "784 numbers"],
      [JSON.stringify(new Array(784).fill("0")), "", 400, "784 numbers"],
      [JSON.stringify(new Array(784).fill(1e300)), "", 400, "finite"],
      [digit, "?explain=10", 400, "0 to 9"],
      [new Uint8Array(20_000), "", 413, "at most"],
    ] as const
  ) {
    const response = await post(body, query), { error } = await response.json();
    assertEquals(response.status, status, error);
    assertStringIncludes(error, message);
  }
  assertEquals((await answer(new Request("http://worker/", { method: "DELETE" }))).status, 405);
});

Deno.test("the Worker serves the page, and eigenvectors to draw", async () => {
  const page = await answer(new Request("http://worker/"));
  assertStringIncludes(page.headers.get("content-type")!, "text/html");
  assertStringIncludes(await page.text(), "page");
  const rows: number[][] = await (await answer(new Request("http://worker/eigenvectors?class=4")))
    .json();
  assertEquals(rows.map((row) => row.length), [784, 784, 784]);
  assert(rows.flat().every((value) => Math.abs(value) <= 1.01));
  const wrong = await answer(new Request("http://worker/eigenvectors?class=12"));
  assertEquals(wrong.status, 400);
});
