import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  allocate,
  bytes,
  configure,
  floats,
  type Form,
  info,
  kernels,
  product,
  release,
  withBlocks,
} from "../../src/kernels/mod.ts";
import { shareFrom } from "../../src/kernels/matmul.ts";
import { team } from "../../src/kernels/runtime.ts";
import { everyWorker, withBuild, withThreads } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";

const BYTES = { f32: 4, f64: 8 } as const;
type Type = keyof typeof BYTES;

/** Runs `body` with every product shared out, however small. */
async function sharingAll<T>(body: () => T | Promise<T>): Promise<T> {
  const before = shareFrom(0);
  try {
    return await body();
  } finally {
    shareFrom(before);
  }
}

/** Bytes of C [m, n] with 3 elements between rows, from random operands with 1 and 2 between theirs. */
function result(
  type: Type,
  form: Form,
  [m, n, k]: readonly [number, number, number],
  accumulate: boolean,
  place: typeof withBlocks = withBlocks,
): Uint8Array {
  const size = BYTES[type];
  const [aRows, aRow] = form === "TN" ? [k, (m + 1) * size] : [m, (k + 1) * size];
  const [bRows, bRow] = form === "NT" ? [n, (k + 2) * size] : [k, (n + 2) * size];
  const cRow = (n + 3) * size;
  const sizes = [aRows * aRow, bRows * bRow, m * cRow];
  return place(sizes, (a, b, c) => {
    [a, b, c].forEach((block, i) => {
      const draw = numbers(m + n + k + i), count = sizes[i]! / size;
      const values = type === "f32" ? draw.floats(count) : draw.doubles(count);
      bytes(block!, sizes[i]!).set(new Uint8Array(values.buffer));
    });
    product({ type, form, m, n, k, a: a!, b: b!, c: c!, accumulate, aRow, bRow, cRow });
    return bytes(c!, m * cRow).slice();
  });
}

/** Products with edges in every dimension; the last does not fit the workspace at once. */
const SIZES: readonly (readonly [number, number, number])[] = [
  ...[1, 5, 6, 29, 30, 31, 36, 59, 61, 97, 200].flatMap((m) =>
    ([[1, 1], [7, 15], [8, 16], [9, 17], [64, 65], [65, 130]] as const)
      .map(([n, k]) => [m, n, k] as const)
  ),
  [0, 5, 5],
  [40, 0, 5],
  [40, 5, 0],
  [37, 2300, 1000],
];

for (const build of ["strict", "fast"] as const) {
  for (const type of ["f32", "f64"] as const) {
    leakChecked(
      `product() of ${type} has the same bits on any number of threads (${build})`,
      async () => {
        const all = (): Uint8Array[] =>
          withBuild(
            build,
            () =>
              SIZES.flatMap((sizes) =>
                (["NN", "NT", "TN"] as const).flatMap((form) =>
                  sizes[1] > 1000 && form !== "NT"
                    ? []
                    : [false, true].map((accumulate) => result(type, form, sizes, accumulate))
                )
              ),
          );
        const expected = await withThreads(1, all);
        for (const threads of [2, 3]) {
          await withThreads(threads, async () => {
            assertEquals(info().threads, threads);
            await everyWorker();
            const actual = await sharingAll(all);
            actual.forEach((one, i) =>
              assert(
                one.every((byte, at) => byte === expected[i]![at]),
                `product ${i} on ${threads} threads`,
              )
            );
          });
        }
      },
    );
  }
}

leakChecked("workers take their share while this thread is busy", () =>
  withThreads(3, async () => {
    await everyWorker();
    const { team: { share }, build } = team()!;
    const panels = 64, k = 16, panelBytes = 32 * k;
    withBlocks([panels * panelBytes, panels * panelBytes], (b, workspace) => {
      floats(b, panels * 8 * k).fill(1);
      bytes(workspace, panels * panelBytes).fill(0);
      const written = (panel: number): boolean =>
        floats(workspace + panel * panelBytes, 1)[0] === 1;
      const own = (first: number, ...rest: number[]): void => {
        const deadline = Date.now() + 30_000;
        const others = [...Array(panels).keys()].filter((panel) => panel !== first);
        while (!others.every(written)) assert(Date.now() < deadline, "the workers do nothing");
        (kernels().pack_f32 as (...numbers: number[]) => void)(first, ...rest);
      };
      share(build, "pack_f32", own, panels, 1, [8 * panels, k, b, 32 * panels, 0, workspace]);
      assert([...Array(panels).keys()].every(written));
    });
  }));

leakChecked(
  "share() ends when this thread or a worker throws, and the next product is right",
  () =>
    withThreads(2, async () => {
      await everyWorker();
      const { team: { share }, build } = team()!;
      const expected = result("f32", "NT", [97, 65, 130], false);
      const again = (): Promise<void> =>
        sharingAll(() => assertEquals(result("f32", "NT", [97, 65, 130], false), expected));
      const stop = (): never => {
        throw new RangeError("stop");
      };
      withBlocks([32 * 16, 32 * 16], (b, workspace) =>
        assertThrows(
          () => {
            // whoever is first takes the only chunk: sooner or later this thread
            for (let i = 0; i < 100_000; i++) {
              share(build, "pack_f32", stop, 1, 1, [8, 16, b, 32, 0, workspace]);
            }
          },
          RangeError,
          "stop",
        ));
      await again();
      // far outside of the memory: whoever takes a chunk traps, and this thread takes none
      const idle = (): void => {
        const until = Date.now() + 5;
        while (Date.now() < until);
      };
      assertThrows(
        () => {
          for (let i = 0; i < 1000; i++) {
            share(build, "pack_f32", idle, 100, 1, [
              800,
              16,
              2 ** 32 - 65536,
              3200,
              0,
              2 ** 32 - 65536,
            ]);
          }
        },
        Error,
        "a worker failed inside it",
      );
      await again();
    }),
);

leakChecked(
  "configure() keeps every block when threads begin and end, and after growth",
  () =>
    withThreads(1, async () => {
      const sizes = [4, 400, 40_000];
      const blocks = sizes.map(allocate);
      const contents = sizes.map((size, i) => numbers(i).floats(size / 4));
      blocks.forEach((block, i) => floats(block, sizes[i]! / 4).set(contents[i]!));
      const check = (): void =>
        blocks.forEach((block, i) =>
          assertEquals(floats(block, sizes[i]! / 4).slice(), contents[i])
        );
      for (const threads of [2, 3, 2, 1, 3, 1]) {
        configure({ threads });
        assertEquals(info().threads, threads);
        assertEquals(kernels().memory.buffer instanceof SharedArrayBuffer, threads > 1);
        check();
        withBuild("strict", check);
        withBuild("fast", check);
      }
      configure({ threads: 2 });
      await everyWorker();
      const { memoryBytes } = info();
      const large = allocate(memoryBytes);
      assert(info().memoryBytes > memoryBytes, "the memory has grown");
      check();
      release(large, memoryBytes);
      configure({ threads: 1 });
      check();
      blocks.forEach((block, i) => release(block, sizes[i]!));
    }),
);

leakChecked("workers see memory that grew after they began", () =>
  withThreads(2, async () => {
    await everyWorker();
    const expected = result("f32", "NN", [97, 65, 130], false);
    await sharingAll(() => {
      for (let i = 0; i < 2; i++) {
        const end = info().memoryBytes, size = end; // more than can be free
        const block = allocate(size);
        assert(info().memoryBytes > end, "the memory has grown");
        // operands and result one after the other in the new pages
        const inNewPages: typeof withBlocks = (sizes, body) =>
          body(...sizes.map((_, i) => end + sizes.slice(0, i).reduce((sum, one) => sum + one, 0)));
        assertEquals(result("f32", "NN", [97, 65, 130], false, inNewPages), expected);
        release(block, size);
      }
    });
  }));

Deno.test("configure() refuses numbers of threads that there cannot be, and changes nothing", () => {
  const before = info();
  for (const wrong of [0, -1, 1.5, 17, 1000, NaN, Infinity, "2" as unknown as number]) {
    assertThrows(
      () => configure({ kernels: "strict", threads: wrong }),
      RangeError,
      `Cannot configure ${wrong} threads: choose a whole number from 1 to 16`,
    );
  }
  assertEquals(info(), before);
});

Deno.test("configure() starts every number of threads that it allows", () =>
  withThreads(16, async () => {
    assertEquals(info().threads, 16);
    await everyWorker();
  }));

type Host = Partial<
  Record<"process" | "Worker" | "SharedArrayBuffer" | "crossOriginIsolated", unknown>
>;

/** Runs `body` on a host that lacks, or has, other things than this one. */
async function onHost(changes: Host, body: () => void | Promise<void>): Promise<void> {
  const present = Object.keys(changes).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  try {
    for (const [name, value] of Object.entries(changes)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
    await body();
  } finally {
    for (const [name, descriptor] of present) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete (globalThis as Record<string, unknown>)[name];
    }
  }
}

class BrokenWorker {
  constructor() {
    throw new Error("refused by policy");
  }
}

const HOSTS: readonly (readonly [string, Host, string])[] = [
  ["without workers", { process: undefined, Worker: undefined }, "this host has no workers"],
  ["that is not isolated", { crossOriginIsolated: false }, "cross-origin isolated"],
  ["without shared memory", { SharedArrayBuffer: undefined }, "cross-origin isolated"],
  ["that refuses workers", { process: undefined, Worker: BrokenWorker }, "refused by policy"],
];

for (const [name, changes, why] of HOSTS) {
  leakChecked(
    `configure() stays on one thread on a host ${name}, and info() says why`,
    () =>
      withThreads(1, () =>
        onHost(changes, () => {
          for (let i = 0; i < 2; i++) {
            configure({ threads: 2 });
            assertEquals(info().threads, 1);
            assert(info().threadsReason.includes(why), info().threadsReason);
            assert(kernels().memory.buffer instanceof ArrayBuffer);
            result("f32", "NN", [200, 200, 200], false);
          }
          configure({ threads: 1 });
        })),
  );
}

leakChecked(
  "workers of the web's kind compute the same",
  () =>
    withThreads(1, () =>
      onHost({ process: undefined }, async () => {
        const sizes = [200, 65, 130] as const;
        const expected = result("f32", "NN", sizes, false);
        await withThreads(2, async () => {
          await everyWorker();
          await sharingAll(() => assertEquals(result("f32", "NN", sizes, false), expected));
        });
      })),
);

leakChecked(
  "a worker that cannot begin is counted out, and info() says so",
  () =>
    withThreads(1, async () => {
      let fail = (_event: object): void => {};
      const silent = class {
        set onerror(listener: (event: object) => void) {
          fail = listener;
        }
        postMessage(): void {}
        terminate(): void {}
      };
      await onHost({ process: undefined, Worker: silent }, () => {
        configure({ threads: 2 });
        assertEquals(info().threads, 2);
        fail({ message: "not found" });
        assertEquals(info().threads, 1);
        assertEquals(info().threadsReason, "a worker failed: not found");
        result("f32", "NN", [200, 200, 200], false);
      });
      configure({ threads: 1 });
      assert(kernels().memory.buffer instanceof ArrayBuffer);
      assertEquals(info().threadsReason, "configure({ threads }) asks for more");
    }),
);

Deno.test("withThreads() goes back when its body rejects", async () => {
  const before = info().threads;
  await assertRejects(() => withThreads(3, () => Promise.reject(new Error("stop"))), Error, "stop");
  assertEquals(info().threads, before);
});
