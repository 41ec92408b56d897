// Fixtures and helpers for all browser tests: a page that fails on console errors, sign-in, an accessibility check
// (axe), the simulator's controls, and servers that belong to one test, which may set them up or kill them.
import { AxeBuilder } from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { OwnServer } from './own-server';

/** The users of the demo world. All have the same password. */
export const people = {
  admin: 'admin@slipway.test',
  maya: 'maya@harbor.test',
  noah: 'noah@harbor.test',
  owner: 'owner@brightdental.test',
  tess: 'tess@brightdental.test',
} as const;
export const password = 'slipway-demo';

/** A fault rule of the simulator. */
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

/** Signs in with the form, as a person does. */
export async function signIn(page: Page, who: keyof typeof people, at = ''): Promise<void> {
  await page.goto(`${at}/login`);
  await signInAs(page, people[who], password);
}

/** Signs in on the sign-in page that is already open, for users who are not in the demo world. */
export async function signInAs(page: Page, email: string, secret: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}

/** Signs out with the menu at the bottom of the sidebar. */
export async function signOut(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Your menu' }).click();
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.waitForURL(/\/login/);
}

/** Rules of axe that count whatever their impact: beside the WCAG A and AA rules, or instead of them. */
export type Rules = { also?: string[]; only?: string[] };

/** Expects no serious accessibility violation on this page, under the WCAG A and AA rules or the given ones. */
export async function expectNoBarriers(page: Page, { also = [], only }: Rules = {}): Promise<void> {
  // A colour in the middle of a transition would be measured wrongly, so wait for transitions to end.
  await page.evaluate(() => {
    const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
    return Promise.allSettled(moving.map((one) => one.finished));
  });
  const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
  const axe = new AxeBuilder({ page }).options({
    runOnly: only ? { type: 'rule', values: only } : { type: 'tag', values: tags },
    rules: Object.fromEntries(also.map((rule) => [rule, { enabled: true }])),
    resultTypes: ['violations'],
  });
  // Only frames of another origin need a page of axe's own for each analysis, which takes twice as long.
  axe.setLegacyMode(page.frames().length === 1);
  const named = [...also, ...(only ?? [])];
  const found = (await axe.analyze()).violations;
  const serious = found.filter(({ id, impact }) => named.includes(id) || ['serious', 'critical'].includes(impact ?? ''));
  const lines = serious.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  expect(lines, `barriers on ${page.url()}`).toEqual([]);
}

type Shared = {
  simulator: Simulator;
  /** A server with its own demo world, which the test may kill. */
  ownServer: OwnServer;
  /** A server with an empty database, for tests of the first run. */
  emptyServer: OwnServer;
  /** Console messages that a test expects, such as the status of a refused request. */
  expectedOnConsole: RegExp;
};

/** Leaves a page before its server is killed, so that the lost connection is no error of the page. */
const leave = (page: Page) => page.goto('about:blank').catch(() => undefined);

export const test = base.extend<Shared>({
  simulator: async ({}, use) => use(new Simulator(process.env.SIMULATOR_URL!)),
  ownServer: async ({ page }, use) => {
    const server = await OwnServer.start('demo');
    await use(server);
    await leave(page);
    await server.kill();
  },
  emptyServer: async ({ page }, use) => {
    const server = await OwnServer.start('empty');
    await use(server);
    await leave(page);
    await server.kill();
  },
  expectedOnConsole: [/(?!)/, { option: true }],
  page: async ({ page, expectedOnConsole }, use) => {
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      // The framework warns if the page that it hydrates differs from what the server rendered.
      const strange = message.type() === 'error' || (message.type() === 'warning' && /hydrat/i.test(message.text()));
      if (strange) errors.push(message.text());
    });
    await use(page);
    // Leaving a page while its module still loads logs a harmless error. So does a view transition between two pages
    // that the next page interrupts.
    const left = /TypeError: Failed to fetch|Transition was (aborted|skipped)/;
    const surprises = errors.filter((line) => !left.test(line) && !expectedOnConsole.test(line));
    expect(surprises, 'errors on the console').toEqual([]);
  },
});
export { expect };
