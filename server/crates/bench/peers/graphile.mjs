// graphile-worker: its defaults with as many jobs at once as connections, or with the local queue its manual recommends.
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { options, payloads, steadily, timed, work } from "./common.mjs";

const logger = new Logger(() => () => {});
const utils = await makeWorkerUtils({ connectionString: options.url, maxPoolSize: options.pool, logger });
await utils.migrate();

const bulk = async (count, chunk) => {
  for (let at = 0; at < count; at += chunk) {
    await utils.addJobs(payloads(Math.min(chunk, count - at)).map((payload) => ({ identifier: "bench", payload })));
  }
};

const fast = options.localQueue
  ? { localQueue: { size: options.localQueue }, completeJobBatchDelay: 0, failJobBatchDelay: 0 }
  : {};
const start = (handler) =>
  run({
    preset: { worker: { connectionString: options.url, maxPoolSize: options.pool, concurrentJobs: options.pool, ...fast } },
    logger,
    noHandleSignals: true,
    taskList: { bench: handler },
  });

const waiting = () =>
  utils.withPgClient(async (client) => Number((await client.query("select count(*) from graphile_worker._private_jobs")).rows[0].count));

const parts = {
  async drain() {
    await bulk(options.jobs, 1000);
    let stop;
    await timed(async () => {
      let done = 0;
      let finish;
      const finished = new Promise((resolve) => (finish = resolve));
      const runner = await start(async () => {
        if (++done === options.jobs) finish();
      });
      await finished;
      // Done means written.
      let left;
      for (let looks = 0; looks < 500 && (left = await waiting()) > 0; looks++) await new Promise((resolve) => setTimeout(resolve, 5));
      stop = () => runner.stop();
      return { jobs: done, left };
    });
    await stop();
  },
  async one() {
    await timed(async () => {
      let left = options.jobs;
      const loop = async () => {
        while (left-- > 0) await utils.addJob("bench", { n: left });
      };
      await Promise.all(Array.from({ length: options.pool }, loop));
      return { jobs: await waiting() };
    });
  },
  async many() {
    await timed(async () => {
      await bulk(options.jobs, 1000);
      return { jobs: await waiting() };
    });
  },
  async latency() {
    const waits = [];
    const sentAt = new Map();
    const runner = await start(async ({ n }) => {
      waits.push(performance.now() - sentAt.get(n));
      work();
    });
    await timed(async () => {
      await steadily(options.jobs, options.rate, async (n) => {
        sentAt.set(n, performance.now());
        await utils.addJob("bench", { n });
      });
      while (waits.length < options.jobs) await new Promise((resolve) => setTimeout(resolve, 20));
      return { jobs: waits.length, waits };
    });
    await runner.stop();
  },
};

await parts[options.part]();
await utils.release();
process.exit(0);
