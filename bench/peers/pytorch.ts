import type { Peer } from "./peer.ts";
import { networkRequest, python } from "./python.ts";

/** PyTorch on a fast BLAS: what native training costs. */
export async function open(threads: number): Promise<Peer> {
  const { version, job, file, end } = await python("torch", threads);
  return {
    name: "PyTorch",
    version,
    threads,
    training: (task) => job("training", networkRequest(task, file)),
    inference: (task) => job("inference", networkRequest(task, file)),
    end,
  };
}
