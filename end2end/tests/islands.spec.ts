// Tests the typed islands: only their pages load their code, an open page is kept current by typed state, and what the
// browser renders is what the server renders.
import { type Page } from '@playwright/test';
import { fillClient, startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

const monitor = /\/pkg\/split_job_monitor.*\.wasm$/;

/** The paths that a page requests from now on. */
function requested(page: Page): string[] {
  const paths: string[] = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  return paths;
}

test('the code of an island is loaded by its pages alone', async ({ page }) => {
  await signIn(page, 'maya');
  // The start page has an island; what it still loads is not counted.
  await page.goto('/me');
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
  const paths = requested(page);
  for (const address of ['/a/harbor/clients', '/a/harbor/provisioning', '/me']) {
    await page.goto(address);
    await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
  }
  expect(paths.filter((path) => path.endsWith('.wasm') && !path.endsWith('/slipway.wasm'))).toEqual([]);
  await startClient(page, unique('Chunk Dental'));
  await expect.poll(() => paths.some((path) => monitor.test(path)), 'the job page loads it').toBe(true);
});

test('an open job is kept current by its state, and looks as the server renders it', async ({ page }) => {
  await signIn(page, 'maya');
  await startClient(page, unique('Monitor Dental'), 'Dental Pro');
  const paths = requested(page);
  await expect(page.locator('.pip')).toHaveText('Live');
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  const here = new URL(page.url()).pathname;
  expect(paths.filter((path) => path === `${here}/state`).length, 'states were fetched').toBeGreaterThan(0);
  await expect(page).toHaveTitle(/^(\(\d+\) )?Done/);
  await expect(page.locator('[data-live=steps] a')).toHaveCount(11);
  await expectNoBarriers(page);

  const texts = (on: Page) => Promise.all(['steps', 'log'].map((part) => on.locator(`[data-live=${part}]`).innerText()));
  const fresh = await page.context().newPage();
  await fresh.goto(page.url());
  // The last lines of the log may still be on their way, and the fresh page writes its times in the browser's zone.
  await expect(async () => expect(await texts(page)).toEqual(await texts(fresh))).toPass({ timeout: 60_000 });
  await fresh.close();
});

test('a page whose island cannot read an answer follows its regions instead', async ({ page }) => {
  await page.route('**/provisioning/*/state*', (route) => route.fulfill({ status: 200, body: 'another version' }));
  await signIn(page, 'maya');
  await startClient(page, unique('Version Dental'));
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
});

test('the figures of the home follow what a colleague starts', async ({ page, browser }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor');
  await expect(page.locator('.pip')).toHaveText('Live');
  await page.getByText('Show as a table').click();
  const thisWeek = page.locator('[data-live=weeks] tbody tr').last().locator('td').first();
  const before = Number(await thisWeek.innerText());

  const other = await browser.newContext({ baseURL: process.env.BASE_URL });
  const noah = await other.newPage();
  await signIn(noah, 'noah');
  await noah.goto('/a/harbor/provisioning/new');
  await fillClient(noah, unique('Tile Dental'));
  await noah.getByRole('button', { name: 'Create client' }).click();
  await noah.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(async () => expect(Number(await thisWeek.innerText())).toBeGreaterThan(before)).toPass({ timeout: 60_000 });
  await expect(page.locator('[data-live=weeks] details'), 'what was opened stays open').toHaveAttribute('open', '');
  // The next journeys break calls of jobs of their own.
  await expect(state(noah, 'Done')).toBeVisible({ timeout: 90_000 });
  await other.close();
});

test('the plan follows the typing as typed state', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/provisioning/new');
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
  const name = unique('Typed Dental');
  await page.getByLabel('Business name').fill(name);
  const plan = page.locator('[data-live=plan]');
  await expect(plan.getByText(`Creates the sub-account for ${name}.`, { exact: false })).toBeVisible();
  const answer = page.waitForResponse((response) => response.url().endsWith('/do/check_job'));
  await page.getByLabel('Business name').fill(`${name} & Sons`);
  expect(JSON.parse(await (await answer).json()).plan.steps).toHaveLength(11);
  await expect(plan.getByText(`${name} & Sons`)).toBeVisible();
});
