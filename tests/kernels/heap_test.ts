import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  allocate,
  bytes,
  configure,
  floats,
  heapUsage,
  info,
  kernels,
  release,
  sizeClass,
  withBlocks,
} from "../../src/kernels/mod.ts";
import { withBuild } from "../support/builds.ts";
import { leakChecked } from "../support/leaks.ts";
import { numbers } from "../support/numbers.ts";

/** Allocates all sizes, runs `body` on [address, size] of each, and releases them. */
function withSizes(sizes: readonly number[], body: (blocks: [number, number][]) => void): void {
  withBlocks(sizes, (...addresses) => body(addresses.map((address, i) => [address, sizes[i]!])));
}

leakChecked("sizeClass() holds what is asked, wastes at most an eighth and steps by 16", () => {
  const sizes = [
    ...Array(5000).keys(),
    2 ** 20 - 1,
    2 ** 20,
    2 ** 20 + 1,
    2 ** 31 + 1,
    2 ** 32 - 1,
  ];
  let last = 0;
  for (const size of sizes) {
    const actual = sizeClass(size);
    assert(actual >= size && actual >= last, `${size} bytes get ${actual}`);
    assertEquals(actual % 16, 0, `${size} bytes`);
    assert(actual - size <= Math.max(16, actual / 8), `${size} bytes get ${actual}`);
    assertEquals(sizeClass(actual), actual, "a class is its own class");
    last = actual;
  }
});

leakChecked("allocate() gives aligned blocks above heapBase() that do not overlap", () => {
  const sizes = [0, 1, 15, 16, 17, ...numbers(1).whole(200, 1, 5000)];
  withSizes(sizes, (blocks) => {
    let end = kernels().heapBase();
    for (const [address, size] of blocks.toSorted(([a], [b]) => a - b)) {
      assertEquals(address % 16, 0);
      assert(address >= end, `the block at ${address} begins before ${end}`);
      end = address + Math.max(1, size);
    }
    assert(end <= heapUsage().top && heapUsage().top <= info().memoryBytes);
  });
});

leakChecked("allocate() reuses a released block of the same class, last released first", () => {
  const [first, second] = [allocate(1000), allocate(1000)];
  release(first, 1000);
  release(second, 1000);
  assertEquals(allocate(sizeClass(1000)), second);
  assertEquals(allocate(999), first);
  release(first, 999);
  release(second, 1000);
});

leakChecked("the heap does not grow when the same blocks come and go", () => {
  const draw = numbers(2);
  const rounds = Array.from({ length: 20 }, () => draw.whole(50, 0, 20_000));
  const round = (sizes: readonly number[]) => withSizes(sizes, () => {});
  rounds.forEach(round);
  const { top } = heapUsage(), { memoryBytes } = info();
  for (let i = 0; i < 50; i++) rounds.forEach(round);
  assertEquals(heapUsage().top, top);
  assertEquals(info().memoryBytes, memoryBytes);
});

leakChecked("allocate() makes room of small blocks that were freed, before the heap grows", () => {
  const small = Array.from({ length: 100 }, () => 40_000);
  withSizes(small, () => {});
  const { top } = heapUsage();
  withSizes([2_000_000, 1_000_000], (blocks) => {
    assertEquals(heapUsage().top, top);
    blocks.forEach(([address, size]) => floats(address, size / 4).fill(1));
  });
  withSizes(small, () => assertEquals(heapUsage().top, top));
});

leakChecked(
  "blocks never overlap, however they come and go, and the heap stays near what is used",
  () => {
    const draw = numbers(5), live: { address: number; size: number; mark: number }[] = [];
    const before = heapUsage();
    let most = 0;
    for (let i = 0; i < 4000; i++) {
      const [kind, power] = [draw.next(), draw.next(4, 17)];
      if (kind < 0.5 || live.length === 0) {
        const size = Math.round(2 ** power), address = allocate(size);
        bytes(address, size).fill(i % 251);
        live.push({ address, size, mark: i % 251 });
      } else {
        const [one] = live.splice(Math.floor(draw.next(0, live.length)), 1);
        const held = bytes(one!.address, one!.size);
        assert(held.every((byte) => byte === one!.mark), `block ${one!.address} was overwritten`);
        release(one!.address, one!.size);
      }
      most = Math.max(most, heapUsage().bytes - before.bytes);
    }
    for (const { address, size } of live) release(address, size);
    const grown = heapUsage().top - before.top;
    assert(grown < 1.5 * most, `grew by ${grown} bytes for ${most}`);
  },
);

leakChecked("heapUsage() counts blocks and their bytes", () => {
  const before = heapUsage();
  withSizes([100, 0, 5000], () => {
    const { blocks, bytes: used } = heapUsage();
    assertEquals(blocks, before.blocks + 3);
    assertEquals(used, before.bytes + sizeClass(100) + sizeClass(0) + sizeClass(5000));
  });
  assertEquals(heapUsage().bytes, before.bytes);
});

leakChecked(
  "growth keeps the contents; a view from before is detached unless shared, a new one is not",
  () => {
    withBlocks([4000], (address) => {
      const before = floats(address, 1000);
      before.set(numbers(3).floats(1000));
      const copy = before.slice();
      const { memoryBytes } = info();
      const large = allocate(memoryBytes);
      assert(info().memoryBytes > memoryBytes, "the memory has grown");
      const shared = kernels().memory.buffer instanceof SharedArrayBuffer;
      assertEquals(before.length, shared ? copy.length : 0);
      assertEquals(floats(address, 1000), copy);
      bytes(large, memoryBytes)[memoryBytes - 1] = 7;
      assertEquals(bytes(large + memoryBytes - 1, 1)[0], 7);
      release(large, memoryBytes);
    });
  },
);

leakChecked("allocate() refuses what cannot be had, and the heap goes on", () => {
  const before = heapUsage(), { memoryBytes } = info();
  for (const size of [2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER]) {
    assertThrows(() => allocate(size), RangeError, `Cannot allocate ${size} bytes`);
  }
  assertEquals(heapUsage(), before);
  assertEquals(info().memoryBytes, memoryBytes);
  withBlocks([64], (address) => {
    floats(address, 16).fill(3);
    assertEquals(kernels().sum(16, address), 48);
  });
});

leakChecked(
  "withBlocks() gives back its blocks when the body throws, or one of them is refused",
  () => {
    const { blocks } = heapUsage();
    assertThrows(
      () =>
        withBlocks([16, 32], () => {
          throw new Error("stop");
        }),
      Error,
      "stop",
    );
    assertEquals(heapUsage().blocks, blocks);
    assertThrows(() => withBlocks([16, 32, 2 ** 40], () => {}), RangeError);
    assertEquals(heapUsage().blocks, blocks);
  },
);

leakChecked("configure() keeps what every block holds, after growth too", () => {
  const sizes = [4, 400, 40_000, info().memoryBytes];
  withSizes(sizes, (blocks) => {
    const contents = blocks.map(([address, size], i) => {
      const values = numbers(i).floats(Math.min(10_000, size / 4));
      floats(address, values.length).set(values);
      return values;
    });
    const check = () =>
      blocks.forEach(([address], i) =>
        assertEquals(floats(address, contents[i]!.length), contents[i])
      );
    withBuild("strict", () => {
      check();
      configure({ kernels: "fast" });
      check();
      configure({ kernels: "strict" });
    });
    check();
  });
});
