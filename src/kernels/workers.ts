// Workers of whatever kind the host has, looked up at run time: no bundle sees an import of node:.

/** A running worker. */
export interface RunningWorker {
  /** Ends it, wherever it is. */
  terminate(): void;
}

/** Starts a worker. Calls `fail` later if it cannot begin, or dies. */
type StartWorker = (start: unknown, fail: (reason: string) => void) => RunningWorker;

interface ThreadsOfNode {
  readonly Worker: new (source: string, options: object) => {
    on(event: "error", listener: (error: unknown) => void): void;
    unref(): void;
    terminate(): Promise<unknown>;
  };
}

interface Host {
  readonly process?: { getBuiltinModule?(name: string): ThreadsOfNode | undefined };
  readonly Worker?: new (url: string, options: { type: "module" }) => {
    onerror: ((event: { message?: string; preventDefault?(): void }) => void) | null;
    postMessage(message: unknown): void;
    terminate(): void;
  };
  readonly crossOriginIsolated?: boolean;
}

/**
 * How this host starts workers that run `program`, a function body with `start` in scope; or why it
 * cannot. Workers of Node's kind come first, in Deno too, because only they let a process end that has
 * nothing else to do.
 */
export function workerStarter(program: string): StartWorker | string {
  const host = globalThis as unknown as Host;
  if (typeof SharedArrayBuffer === "undefined" || host.crossOriginIsolated === false) {
    return "memory cannot be shared: a page must be cross-origin isolated (headers COOP and COEP)";
  }
  const ofNode = host.process?.getBuiltinModule?.("node:worker_threads")?.Worker;
  if (ofNode) {
    const source = `const start = require("node:worker_threads").workerData;\n${program}`;
    return (start, fail) => {
      const options = { eval: true, workerData: start, execArgv: [], argv: [] };
      const worker = new ofNode(source, options);
      worker.on("error", (error) => fail(String(error)));
      worker.unref();
      return { terminate: () => void worker.terminate() };
    };
  }
  const ofWeb = host.Worker;
  if (!ofWeb || typeof Blob === "undefined" || typeof URL.createObjectURL !== "function") {
    return "this host has no workers";
  }
  const source = `onmessage = ({ data: start }) => {\n${program}\nclose();\n};`;
  return (start, fail) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new ofWeb(url, { type: "module" });
    worker.onerror = (event) => {
      event.preventDefault?.();
      fail(event.message ?? "the worker could not be loaded");
    };
    worker.postMessage(start);
    return {
      terminate: () => {
        worker.terminate();
        URL.revokeObjectURL(url);
      },
    };
  };
}
