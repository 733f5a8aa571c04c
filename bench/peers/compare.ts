/**
 * One peer beside odot in a process of their own: a line of JSON for every piece of work.
 *
 *     deno run -A bench/peers/compare.ts jax-js 1
 *
 * @module
 */
// deno-lint-ignore-file no-console
import type { Row } from "../row.ts";
import { timesOf } from "../row.ts";
import { compare, quick } from "../measure.ts";
import { threads as askThreads } from "../ours.ts";
import { open, type Peer } from "./peer.ts";
import { type Work, workFor } from "./work.ts";

/** A figure beside a peer. */
export interface PeerRow extends Row {
  readonly peer: string;
  /** Best time of the peer, milliseconds. */
  readonly theirs: number;
  /** Largest difference of the results over the largest value, dimensionless. */
  readonly difference: number;
}

/** What is known of a peer that ran. */
export type PeerInfo = Pick<Peer, "name" | "version" | "threads">;

/** Pause before a run of several threads, milliseconds: onnxruntime-web's go on spinning after theirs. */
const REST = 10;

/** Largest |aᵢ − bᵢ| over the largest |bᵢ|; infinite for other lengths. */
function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let most = 0, largest = 0;
  for (let i = 0; i < b.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(difference)) return Infinity;
    most = Math.max(most, difference);
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return most / largest;
}

async function rowOf(peer: Peer, work: Work): Promise<PeerRow | undefined> {
  const pair = await work.pair();
  if (!pair) return undefined;
  const reference = await pair.odot.result(), found = await pair.peer.result();
  const difference = differenceOf(pair.comparable?.(found) ?? found, reference);
  const common = { name: work.name, measure: work.measure, peer: peer.name, difference };
  try {
    if (!(difference <= work.tolerance)) {
      return { ...common, theirs: NaN, ratio: NaN, to: "nothing: the results disagree" };
    }
    const both = await compare([
      { name: "odot", ...pair.odot },
      { name: peer.name, ...pair.peer, warmUp: peer.warmUp },
    ], { rest: peer.threads > 1 ? REST : 0 });
    const [ours, theirs] = both.sides.map(({ best }) => best) as [number, number];
    const ratio = work.overPeer ? ours / theirs : theirs / ours;
    const to = `${work.overPeer ? "time over" : "speed over"} ${peer.name}`;
    return { ...common, ...timesOf(both), theirs, ratio, to };
  } finally {
    await pair.odot.end?.();
    await pair.peer.end?.();
  }
}

if (import.meta.main) {
  const [name = "", count = "1"] = Deno.args, threads = Number(count);
  const print = (line: unknown): void => console.log(JSON.stringify(line));
  try {
    const peer = await open(name, threads);
    if (threads > 1 && !await askThreads(threads)) {
      throw new Error(`odot has no ${threads} threads to compare with`);
    }
    print({ info: { name: peer.name, version: peer.version, threads } });
    for (const work of workFor(peer, quick)) {
      const row = await rowOf(peer, work);
      if (row) print({ row });
    }
    await peer.end?.();
  } catch (error) {
    print({ skipped: error instanceof Error ? error.message : `${error}` });
  }
  Deno.exit(0); // whatever workers a peer has left
}
