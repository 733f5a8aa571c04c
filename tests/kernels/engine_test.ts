import { assertEquals } from "@std/assert";
import { microKernelsFor } from "../../src/kernels/engine.ts";
import { floats, info, kernels, withBlocks } from "../../src/kernels/mod.ts";
import { inBothBuilds } from "../support/builds.ts";
import { numbers } from "../support/numbers.ts";

Deno.test("microKernelsFor() takes the rolled ones where V8 is older than 13", () => {
  const chrome = (version: number): object => ({
    navigator: {
      userAgent: `Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/${version}.0.0.0 Safari/537.36`,
    },
  });
  const cases: readonly [object, "rolled" | "unrolled"][] = [
    [{ process: { versions: { v8: "11.3.244.8-node.38" } } }, "rolled"],
    [{ process: { versions: { v8: "12.4.254.21-node.33" } } }, "rolled"],
    [{ process: { versions: { v8: "13.6.233.17-node.41" } } }, "unrolled"],
    [{ process: { versions: { v8: "12.4.254.14", bun: "1.4.5" } } }, "unrolled"],
    [chrome(129), "rolled"],
    [chrome(130), "unrolled"],
    [{ navigator: { userAgent: "Cloudflare-Workers" } }, "unrolled"],
    [{ navigator: {} }, "unrolled"],
    [{}, "unrolled"],
  ];
  for (const [host, expected] of cases) {
    assertEquals(microKernelsFor(host), expected, JSON.stringify(host));
  }
  assertEquals(info().microKernels, microKernelsFor(globalThis));
});

inBothBuilds("rolled and unrolled micro-kernels give the same bits", () => {
  // edges in every dimension; low and tall strips; slabs of both depths
  for (
    const [m, n, k] of [[1, 1, 1], [4, 8, 16], [5, 9, 65], [6, 7, 64], [13, 40, 100], [64, 33, 80]]
  ) {
    for (const type of ["f32", "f64"] as const) {
      const size = type === "f32" ? 4 : 8, depth = Math.ceil(k! / 16) * 16;
      const width = Math.ceil(n! * size / 32) * 32 / size;
      withBlocks(
        [m! * k! * size, k! * n! * size, m! * n! * size, depth * width * size],
        (a, b, c, w) => {
          const run = kernels()[`matmul_${type}`];
          const words = (from: number, count: number): Float32Array =>
            floats(from, count * size / 4);
          const values = numbers(m! * n! * k!);
          for (const [from, count] of [[a, m! * k!], [b, k! * n!]] as const) {
            const made = type === "f32"
              ? values.floats(count, -1, 1)
              : new Float32Array(values.doubles(count, -1, 1).buffer);
            words(from, count).set(made);
          }
          const [first, second] = [0, 1].map((rolled) => {
            run(m!, n!, k!, a, k! * size, 0, b, n! * size, 0, c, n! * size, 0, 0, width, w, rolled);
            run(m!, n!, k!, a, k! * size, 0, b, n! * size, 0, c, n! * size, 1, 0, width, w, rolled);
            return new Int32Array(words(c, m! * n!).slice().buffer);
          });
          assertEquals(first, second, `${type} ${m}×${n}×${k}`);
        },
      );
    }
  }
});
