// What odot relies on in @std/cli; where JSR cannot be reached, the stand-in must do the same.
import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

const plain = (found: object): Record<string, unknown> => ({ ...found });

Deno.test("parseArgs() takes values from the next argument or after an equals sign", () => {
  assertEquals(
    plain(parseArgs(["--a", "1", "--b=x=y", "c"], { string: ["_", "a", "b"] })),
    { _: ["c"], a: "1", b: "x=y" },
  );
  assertEquals(plain(parseArgs(["--n", "7", "8"])), { _: [8], n: 7 });
});

Deno.test("parseArgs() gives an empty text where a value is missing or begins with a dash", () => {
  assertEquals(plain(parseArgs(["--a"], { string: ["a"] })), { _: [], a: "" });
  assertEquals(
    plain(parseArgs(["--a", "--b"], { string: ["a"], boolean: ["b"] })),
    { _: [], a: "", b: true },
  );
  assertEquals(plain(parseArgs(["--a=-1"], { string: ["a"] })), { _: [], a: "-1" });
});

Deno.test("parseArgs() sets switches to false unless given, and takes no value for them", () => {
  assertEquals(
    plain(parseArgs(["--a", "x"], { boolean: ["a", "b"] })),
    { _: ["x"], a: true, b: false },
  );
  assertEquals(plain(parseArgs(["--a=false"], { boolean: ["a"] })), { _: [], a: false });
  assertEquals(plain(parseArgs(["--a", "false"], { boolean: ["a"] })), { _: [], a: false });
});

Deno.test("parseArgs() sets a flag and its letter alike", () => {
  const options = { string: ["out"], boolean: ["help"], alias: { out: "o", help: "h" } };
  assertEquals(
    plain(parseArgs(["-o", "f", "-h"], options)),
    { _: [], out: "f", o: "f", help: true, h: true },
  );
  assertEquals(plain(parseArgs(["-o=f"], options)).out, "f");
  assertEquals(plain(parseArgs(["-ho", "f"], options)), {
    _: [],
    out: "f",
    o: "f",
    help: true,
    h: true,
  });
});

Deno.test("parseArgs() shows unknown flags with their key, positionals without", () => {
  const seen: unknown[][] = [];
  const found = parseArgs(["--a", "1", "--no-b", "-c", "d"], {
    string: ["a"],
    unknown: (arg: string, key?: string) => {
      seen.push([arg, key]);
      return false;
    },
  });
  assertEquals(seen, [["--no-b", "no-b"], ["-c", "c"]]);
  assertEquals(plain(found), { _: [], a: "1" });
  parseArgs(["e"], { unknown: (arg: string, key?: string) => seen.push([arg, key]) });
  assertEquals(seen.at(-1), ["e", undefined]);
});

Deno.test("parseArgs() knows defaults, collected, negatable flags, stopEarly and --", () => {
  assertEquals(plain(parseArgs([], { default: { a: 1 }, string: ["b"] })), { _: [], a: 1 });
  assertEquals(
    plain(parseArgs(["--a", "1", "--a", "2"], { string: ["a", "b"], collect: ["a", "b"] })),
    { _: [], a: ["1", "2"], b: [] },
  );
  assertEquals(
    plain(parseArgs(["--no-a"], { boolean: ["a"], negatable: ["a"], default: { a: true } })),
    { _: [], a: false },
  );
  assertEquals(
    plain(parseArgs(["x", "--a"], { boolean: ["a"], stopEarly: true })),
    { _: ["x", "--a"], a: false },
  );
  assertEquals(plain(parseArgs(["x", "--", "--a"], { boolean: ["a"] })), {
    _: ["x", "--a"],
    a: false,
  });
  assertEquals(plain(parseArgs(["x", "--", "-y"], { "--": true })), { _: ["x"], "--": ["-y"] });
});
