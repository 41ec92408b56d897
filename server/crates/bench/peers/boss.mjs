// pg-boss, used as its manual says: insert, then loops of fetch and complete; `work` where it must notice jobs by itself.
import PgBoss from "pg-boss";
import { options, payloads, steadily, timed, work } from "./common.mjs";

const QUEUE = "bench";
const boss = new PgBoss({ connectionString: options.url, max: options.pool });
boss.on("error", (error) => console.error(error));
await boss.start();
await boss.createQueue(QUEUE);

const bulk = async (count, chunk) => {
  for (let at = 0; at < count; at += chunk) {
    await boss.insert(payloads(Math.min(chunk, count - at)).map((data) => ({ name: QUEUE, data })));
  }
};

const parts = {
  async drain() {
    await bulk(options.jobs, 1000);
    await timed(async () => {
      let done = 0;
      const loop = async () => {
        for (;;) {
          const jobs = await boss.fetch(QUEUE, { batchSize: options.batch });
          if (jobs.length === 0) return;
          await boss.complete(QUEUE, jobs.map((job) => job.id));
          done += jobs.length;
        }
      };
      await Promise.all(Array.from({ length: options.pool }, loop));
      return { jobs: done };
    });
  },
  async one() {
    await timed(async () => {
      let left = options.jobs;
      const loop = async () => {
        while (left-- > 0) await boss.send(QUEUE, { n: left });
      };
      await Promise.all(Array.from({ length: options.pool }, loop));
      return { jobs: await boss.getQueueSize(QUEUE) };
    });
  },
  async many() {
    await timed(async () => {
      await bulk(options.jobs, 1000);
      return { jobs: await boss.getQueueSize(QUEUE) };
    });
  },
  async latency() {
    const waits = [];
    const sentAt = new Map();
    // Half a second is the shortest it allows.
    await boss.work(QUEUE, { pollingIntervalSeconds: 0.5, batchSize: options.batch }, async (jobs) => {
      for (const job of jobs) {
        waits.push(performance.now() - sentAt.get(job.data.n));
        work();
      }
    });
    await timed(async () => {
      await steadily(options.jobs, options.rate, async (n) => {
        sentAt.set(n, performance.now());
        await boss.send(QUEUE, { n });
      });
      while (waits.length < options.jobs) await new Promise((resolve) => setTimeout(resolve, 20));
      return { jobs: waits.length, waits };
    });
  },
};

await parts[options.part]();
await boss.stop({ graceful: false, timeout: 1000 });
process.exit(0);
