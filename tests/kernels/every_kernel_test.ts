import { assert } from "@std/assert";
import { kernels } from "../../src/kernels/mod.ts";
import * as bidiagonal from "../../src/kernels/reference/bidiagonal.ts";
import * as deflation from "../../src/kernels/reference/deflation.ts";
import * as linalg from "../../src/kernels/reference/linalg.ts";
import * as reference from "../../src/kernels/reference/mod.ts";
import * as secular from "../../src/kernels/reference/secular.ts";

/**
 * Exports that compute nothing of their own: strips are an order of storage, which applySweeps() is tested
 * with, packing and sweeping are parts of a product, tested in threads_test.ts, and so are merges of divide and
 * conquer, tested in tests/linalg/divide_test.ts.
 */
const OTHERS =
  /^(memory|heapBase|toStrips|fromStrips|(pack|sweep)_f(32|64)|tridiagonal(Room|Pairs)|(begin|end)Merge|sortPairs)$/;

Deno.test("every kernel has a twin, and a test that calls it", async () => {
  let tests = "";
  for await (const { name } of Deno.readDir(new URL(".", import.meta.url))) {
    if (name !== "every_kernel_test.ts") {
      tests += await Deno.readTextFile(new URL(name, import.meta.url));
    }
  }
  for (const name of Object.keys(kernels()).filter((one) => !OTHERS.test(one))) {
    const known = [reference, linalg, bidiagonal, secular, deflation].some((twins) =>
      name in twins
    );
    assert(known, `${name}() has no twin in src/kernels/reference`);
    // passed by name to invoke(), or called on kernels()
    assert(tests.includes(`"${name}"`) || tests.includes(`.${name}(`), `no test calls ${name}()`);
  }
});
