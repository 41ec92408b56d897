// How does a journey get a server of its own? With a data folder and a database of its own, started by nobody but it, so that
// it can be empty, and so that nobody else does its work while it is dead. The simulator is everybody's.
import { expect } from '@playwright/test';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export class OwnServer {
  private child?: ChildProcess;
  private constructor(
    readonly url: string,
    private readonly data: string,
  ) {}

  /** Starts one that knows nobody, or the demo world. */
  static async start(world: 'empty' | 'demo'): Promise<OwnServer> {
    const shared = process.env.SLIPWAY_DATA!;
    const port = await freePort();
    const server = new OwnServer(`http://127.0.0.1:${port}`, join(shared, `own-${port}`));
    // The simulator's mailbox shows one folder: everybody's mails go there.
    await mkdir(join(shared, 'mail'), { recursive: true });
    await mkdir(server.data);
    await symlink(join(shared, 'mail'), join(server.data, 'mail'));
    if (world === 'demo') await server.run('seed', 'demo');
    await server.restart();
    return server;
  }

  /** Starts it (again) at the same address and waits until it is healthy. */
  async restart(): Promise<void> {
    this.child = spawn(process.env.SLIPWAY_PROGRAM!, ['serve', '--with-worker'], { ...this.place(), stdio: 'ignore' });
    await expect.poll(() => this.status(), { timeout: 30_000 }).toBe(200);
  }

  /** Runs another sub-command on the same data and gives what it printed. */
  async run(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.env.SLIPWAY_PROGRAM!, words, this.place());
    return stdout;
  }

  /** kill -9: nothing is finished, nothing is said. Its Postgres loses its parent with it. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  private place() {
    const address = { LISTEN_ADDR: new URL(this.url).host, PUBLIC_URL: this.url, SLIPWAY_DATA: this.data };
    // Not in the checkout: a server reads `.env` where it starts.
    return { env: { ...process.env, ...address }, cwd: this.data };
  }

  private async status(): Promise<number> {
    return fetch(`${this.url}/health`).then((answer) => answer.status, () => 0);
  }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}
