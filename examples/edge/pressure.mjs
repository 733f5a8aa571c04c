// Many requests at a time, and the memory of workerd while they run.
// deno-lint-ignore-file explicit-function-return-type explicit-module-boundary-types -- JavaScript
import { readdirSync, readFileSync } from "node:fs";

/** Resident memory of the workerd that this process has started, bytes; NaN where there is no /proc. */
function memory() {
  let most = NaN;
  try {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const text = statusOf(pid);
      const ours = /^Name:\s+workerd$/m.test(text) && text.includes(`\nPPid:\t${process.pid}\n`);
      if (ours) most = 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(text)[1]);
    }
  } catch {
    // another system
  }
  return most;
}

function statusOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}

/**
 * Sends request 0 to `total`, `atATime` at a time, by `send`, which returns what is wrong with an answer or
 * nothing. Gives what was wrong, latencies in milliseconds, and the memory of workerd in bytes at twenty times.
 */
export async function pressure(send, total, atATime) {
  const times = [], errors = [], residents = [], begun = performance.now();
  let next = 0;
  const client = async () => {
    while (next < total) {
      const i = next++;
      if (i % Math.ceil(total / 20) === 0) residents.push(memory());
      const sent = performance.now();
      try {
        const wrong = await send(i);
        if (wrong) errors.push(wrong);
      } catch (error) {
        errors.push(String(error));
      }
      times.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: atATime }, client));
  times.sort((a, b) => a - b);
  const quantile = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  const perSecond = Math.round(total / (performance.now() - begun) * 1000);
  return { errors, residents, perSecond, p50: quantile(0.5), p99: quantile(0.99) };
}
