// What does every journey share? A page that fails on console errors, people who sign in, a look for barriers (axe), the
// simulator's controls, and a server of one's own to kill.
import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** The demo world's people; all share one password. */
export const people = {
  admin: 'admin@slipway.test',
  maya: 'maya@harbor.test',
  noah: 'noah@harbor.test',
  owner: 'owner@brightdental.test',
  tess: 'tess@brightdental.test',
} as const;
export const password = 'slipway-demo';

/** One fault of the simulator. */
export type Fault = {
  match: { method?: string; path?: string };
  times: number;
  fault: 'reset_before' | 'reset_after' | 'timeout' | 'status';
  status?: number;
  delay_ms?: number;
};

/** The simulator's controls, as its own page uses them. */
export class Simulator {
  constructor(readonly url: string) {}

  async call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<any> {
    const answer = await fetch(this.url + path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    expect(answer.ok, `${method} ${path} answered ${answer.status}`).toBe(true);
    const text = await answer.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  world = () => this.call('GET', '/_sim/world');
  journal = (since = 0) => this.call('GET', `/_sim/journal?since=${since}`);
  faults = (...faults: Fault[]) => this.call('POST', '/_sim/faults', faults);
}

/** A second server on the same data, for journeys that kill one. */
export class OwnServer {
  private child?: ChildProcess;
  constructor(readonly url: string) {}

  static async start(): Promise<OwnServer> {
    const server = new OwnServer(`http://127.0.0.1:${await freePort()}`);
    await server.restart();
    return server;
  }

  /** Starts it (again) at the same address and waits until it is healthy. */
  async restart(): Promise<void> {
    // Not in the checkout: a server reads `.env` where it starts.
    const cwd = process.env.SLIPWAY_DATA;
    const env = { ...process.env, LISTEN_ADDR: new URL(this.url).host, PUBLIC_URL: this.url };
    this.child = spawn(process.env.SLIPWAY_PROGRAM!, ['serve', '--with-worker'], { env, cwd, stdio: 'ignore' });
    await expect.poll(() => this.status(), { timeout: 30_000 }).toBe(200);
  }

  /** kill -9: nothing is finished, nothing is said. */
  async kill(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
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

/** Signs in by the form, as a person does. */
export async function signIn(page: Page, who: keyof typeof people, at = ''): Promise<void> {
  await page.goto(`${at}/login`);
  await page.getByLabel('Email').fill(people[who]);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

/** No serious barrier for anybody on this page. */
export async function expectNoBarriers(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
  const serious = found.violations.filter((violation) => ['serious', 'critical'].includes(violation.impact ?? ''));
  const lines = serious.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(lines, `barriers on ${page.url()}`).toEqual([]);
}

type Shared = {
  simulator: Simulator;
  ownServer: OwnServer;
  /** Lines that a journey expects on the console, such as the status of a refused request. */
  expectedOnConsole: RegExp[];
};

export const test = base.extend<Shared>({
  simulator: async ({}, use) => use(new Simulator(process.env.SIMULATOR_URL!)),
  ownServer: async ({}, use) => {
    const server = await OwnServer.start();
    await use(server);
    await server.kill();
  },
  expectedOnConsole: [[], { option: true }],
  page: async ({ page, expectedOnConsole }, use) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await use(page);
    const surprises = errors.filter((line) => !expectedOnConsole.some((expected) => expected.test(line)));
    expect(surprises, 'errors on the console').toEqual([]);
  },
});
export { expect };
