import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
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

Deno.test("the Worker refuses what is no digit, and says what is wrong with it", async () => {
  const list = (change: (list: unknown[]) => unknown): string => {
    const values: unknown[] = [...digit];
    return JSON.stringify(change(values) ?? values);
  };
  for (
    const [body, query, status, message] of [
      ["", "", 400, "its 0 bytes are no JSON; send 784 bytes, or JSON with 784 numbers"],
      ["{", "", 400, "its 1 bytes are no JSON"],
      [digit.subarray(1), "", 400, "its 783 bytes are no JSON"],
      [new Uint8Array(785), "", 400, "its 785 bytes are no JSON"],
      ["[1,2]", "", 400, "it has 2 numbers"],
      [list((values) => void values.push(0)), "", 400, "it has 785 numbers"],
      ["{}", "", 400, "no list"],
      ["null", "", 400, "no list"],
      // NaN is no JSON, and JSON.stringify makes null of it
      [list((values) => void (values[3] = NaN)), "", 400, "value 3 is null"],
      [list(() => undefined).replace("[", "[NaN,"), "", 400, "are no JSON"],
      [list((values) => void (values[783] = "0")), "", 400, 'value 783 is "0"'],
      [list((values) => void (values[0] = 1e300)), "", 400, "value 0 is 1e+300"],
      [list((values) => void (values[0] = -1)), "", 400, "value 0 is -1"],
      [list(() => undefined).replace(/\[\d+/, "[1e999"), "", 400, "value 0 is null"],
      [digit, "?explain=10", 400, "0 to 9"],
      [digit, "?explain=", 400, "0 to 9"],
      [digit, "?explain=three", 400, "0 to 9"],
      [digit, "elsewhere", 404, "no /elsewhere"],
    ] as const
  ) {
    const response = await post(body, query), { error } = await response.json();
    assertEquals([response.status, response.headers.get("content-type")], [
      status,
      "application/json",
    ], error);
    assertStringIncludes(error, message);
  }
  assertEquals((await post(digit)).status, 200);
});

Deno.test("the Worker reads no more of a body than a digit can have", async () => {
  assertEquals((await post(new Uint8Array(20_000))).status, 413);
  // one that does not say how long it is
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      given += 4096;
      controller.enqueue(new Uint8Array(4096));
    },
  });
  const response = await post(endless);
  assertEquals(response.status, 413);
  assertStringIncludes((await response.json()).error, "at most 16384 bytes");
  assertLess(given, 65_536);
  const slow = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (let i = 0; i < 784; i += 49) controller.enqueue(digit.slice(i, i + 49));
      controller.close();
    },
  });
  assertEquals(await (await post(slow)).json(), await (await post(digit)).json());
});

Deno.test("the Worker names the methods that it takes", async () => {
  for (const method of ["DELETE", "PUT", "PATCH"]) {
    const response = await answer(new Request("http://worker/", { method }));
    assertEquals([response.status, response.headers.get("allow")], [
      405,
      "GET, HEAD, POST, OPTIONS",
    ]);
    assertStringIncludes((await response.json()).error, method);
  }
  const options = await answer(new Request("http://worker/", { method: "OPTIONS" }));
  assertEquals([options.status, options.headers.get("access-control-allow-origin")], [204, "*"]);
  assertEquals((await answer(new Request("http://worker/", { method: "HEAD" }))).status, 200);
});

Deno.test("the parts of every logit add up to it, and each is λ·(v·x)²", async () => {
  for (let explained = 0; explained < 10; explained++) {
    const found: Answer = await (await post(digit, `?explain=${explained}`)).json();
    let sum = found.remainder;
    for (const { index, eigenvalue, activation, contribution } of found.eigenfeatures) {
      assertAlmostEquals(contribution, eigenvalue * activation ** 2, 1e-6 * Math.abs(contribution));
      const vector = model.eigenvector(explained, index);
      const product = vector.reduce((total, value, i) => total + value * digit[i]! / 255, 0);
      assertAlmostEquals(activation, product, 1e-2);
      sum += contribution;
    }
    assertAlmostEquals(sum, found.logits[explained]!, 1e-9);
  }
});

Deno.test("the Worker serves the page, and eigenvectors to draw", async () => {
  const page = await answer(new Request("http://worker/"));
  assertStringIncludes(page.headers.get("content-type")!, "text/html");
  assertStringIncludes(await page.text(), "page");
  const rows: number[][] = await (await answer(new Request("http://worker/eigenvectors?class=4")))
    .json();
  assertEquals(rows.map((row) => row.length), [784, 784, 784]);
  assert(rows.flat().every((value) => Math.abs(value) <= 1.01));
  for (const wrong of ["12", "-1", "", "1.5", "x"]) {
    const url = `http://worker/eigenvectors?class=${wrong}`;
    assertEquals((await answer(new Request(url))).status, 400, wrong);
  }
  assertEquals((await answer(new Request("http://worker/favicon.ico"))).status, 404);
});
