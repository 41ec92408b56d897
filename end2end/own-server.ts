// Starts a server that belongs to one test. It has its own data folder and database, so it can be empty, and no other
// process does its work while it is dead. The simulator is shared by all tests.
import { expect } from '@playwright/test';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export class OwnServer {
  private child?: ChildProcess;
  private constructor(
    readonly url: string,
    private readonly data: string,
    private readonly settings: Record<string, string>,
  ) {}

  /** Starts a server with an empty database or with the demo world, and with these settings, also in place of its own. */
  static async start(world: 'empty' | 'demo', settings: Record<string, string> = {}): Promise<OwnServer> {
    const shared = process.env.SLIPWAY_DATA!;
    const port = await freePort();
    const server = new OwnServer(`http://127.0.0.1:${port}`, join(shared, `own-${port}`), settings);
    // The simulator's mailbox shows one folder, so the mails of all servers go there.
    await mkdir(join(shared, 'mail'), { recursive: true });
    await mkdir(server.data);
    await symlink(join(shared, 'mail'), join(server.data, 'mail'));
    if (world === 'demo') await server.run('seed', 'demo');
    await server.restart();
    return server;
  }

  /** Starts or restarts the server at the same address and waits until it is healthy. */
  async restart(): Promise<void> {
    this.child = spawn(process.env.SLIPWAY_PROGRAM!, ['serve', '--with-worker'], { ...this.place(), stdio: 'ignore' });
    await expect.poll(() => this.status(), { timeout: 90_000 }).toBe(200);
  }

  /** Runs another sub-command on the same data and returns what it printed. */
  async run(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.env.SLIPWAY_PROGRAM!, words, this.place());
    return stdout;
  }

  /** Kills the server with kill -9, so it finishes nothing and logs nothing. Its Postgres loses its parent process. */
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
    // The server does not run in the checkout, because it reads `.env` from its working directory.
    return { env: { ...process.env, ...address, ...this.settings }, cwd: this.data };
  }

  private async status(): Promise<number> {
    return fetch(`${this.url}/health`).then((answer) => answer.status, () => 0);
  }
}

let tried = process.pid;

/** A free port, another one each time. It lies below those that the system gives away by itself, so no connection takes it
 * before the server starts or while it is dead. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + (tried++ % 10_000);
    const listener = createServer();
    const isFree = await new Promise<boolean>((told) => {
      listener.once('error', () => told(false));
      listener.listen(port, '127.0.0.1', () => told(true));
    });
    if (!isFree) continue;
    listener.close();
    await once(listener, 'close');
    return port;
  }
}
