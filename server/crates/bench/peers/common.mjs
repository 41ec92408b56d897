// How does a peer talk to the bench? It prepares, says "ready", waits for "go", does its work and prints one line of JSON.
// All measuring of the database is done by the bench; a peer reports its own time, processor seconds and counts.
import { createInterface } from "node:readline";

export const options = JSON.parse(process.argv[2] ?? "{}");

const lines = createInterface({ input: process.stdin });

/** Prints "ready" and waits for "go". */
export function ready() {
  return new Promise((resolve) => {
    lines.once("line", () => resolve());
    process.stdout.write("ready\n");
  });
}

/** Runs the timed part and prints what it took, with whatever the part itself reports. */
export async function timed(part) {
  await ready();
  const cpu = process.cpuUsage();
  const began = performance.now();
  const figures = await part();
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  const line = { seconds, cpu: (used.user + used.system) / 1e6, ...figures };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  lines.close();
}

/** Jobs with the payload that every queue gets. */
export function payloads(count) {
  return Array.from({ length: count }, (_, n) => ({ n }));
}

/** Calls `send` at a steady rate; a late one is sent at once, so that a slow queue does not slow the clock down. */
export async function steadily(count, rate, send) {
  const began = performance.now();
  const sent = [];
  for (let n = 0; n < count; n++) {
    const due = began + (n * 1000) / rate;
    while (performance.now() < due) await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    sent.push(send(n));
  }
  await Promise.all(sent);
}

/** Busy for a millisecond, as a small job is. */
export function work() {
  const until = performance.now() + 1;
  while (performance.now() < until);
}
