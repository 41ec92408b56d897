// Tests what a list shows while its search asks the server: the region that waits says so to assistive technology, a line appears
// once it lasts, nothing moves, and it all ends with the answer, whatever that is. Find and the plan of a new client do the same.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

// Some of the requests are cut off, which the browser logs.
test.use({ expectedOnConsole: /Failed to load resource/ });

/** Holds the requests of the page's scripts to an address until they are let go. */
async function hold(page: Page, address: RegExp): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = [];
  await page.route(address, (route) => {
    if (route.request().resourceType() !== 'fetch') return route.continue();
    held.push(() => route.continue());
  });
  return async () => {
    await expect.poll(() => held.length).toBeGreaterThan(0);
    // The route goes last, because without it the browser lets go whatever is held.
    for (const end of held.splice(0)) await end();
    await page.unroute(address);
  };
}

/** How much of the line along a form, or along a part of a region, can be seen. */
const line = (page: Page, selector: string) =>
  page.locator(selector).first().evaluate((at) => {
    const drawn = getComputedStyle(at, '::after');
    return drawn.content === 'none' ? 0 : Number(drawn.opacity);
  });

const search = 'form[data-live-search]';

async function openClients(page: Page): Promise<void> {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/clients');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
}

test('a list says that its search waits, and moves nothing', async ({ page }) => {
  await openClients(page);
  const rows = page.locator('main [data-live] tr[data-row]');
  const [place, width] = [await rows.first().boundingBox(), await page.locator(search).boundingBox()];
  expect(await line(page, search)).toBe(0);
  const answer = await hold(page, /\/clients\?/);
  await page.getByRole('searchbox', { name: 'Search clients' }).fill('Bright');
  await expect(page.locator('main [data-live][aria-busy=true]').first()).toBeAttached();
  await expect.poll(() => line(page, search)).toBe(1);
  expect(await rows.first().boundingBox()).toEqual(place);
  expect(await page.locator(search).boundingBox()).toEqual(width);
  await expect(page.getByRole('searchbox', { name: 'Search clients' })).toBeFocused();
  await expectNoBarriers(page);
  await answer();
  await expect(rows.filter({ hasText: 'Luna Yoga' })).toHaveCount(0);
  await expect(rows.filter({ hasText: 'Bright Dental' }).first()).toBeVisible();
  await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
  expect(await line(page, search)).toBe(0);
});

test('a search without an answer ends its wait, leaves the rows and says so', async ({ page }) => {
  await openClients(page);
  const rows = page.locator('main [data-live] tr[data-row]');
  const before = await rows.count();
  // Whatever else the page asks for finds no server either, until there is one.
  const gone = /\/clients\?/;
  let asked = 0;
  await page.route(gone, (route) => {
    if (route.request().resourceType() !== 'fetch') return route.continue();
    asked += 1;
    return route.abort();
  });
  await page.getByRole('searchbox', { name: 'Search clients' }).fill('Bright');
  await expect.poll(() => asked).toBeGreaterThan(0);
  await expect(page.locator(`${search}[data-busy], [aria-busy=true]`)).toHaveCount(0);
  await expect(page.getByRole('alert').filter({ hasText: 'what was loaded before' })).toBeVisible();
  await expect(rows).toHaveCount(before);
  // The browser says that it has a network, and the search is asked for again.
  await page.unroute(gone);
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(rows.filter({ hasText: 'Luna Yoga' })).toHaveCount(0);
  await expect(page.getByRole('alert').filter({ hasText: 'what was loaded before' })).toHaveCount(0);
});

/** Answers the requests of the page's scripts to an address with a fault, and counts them. */
async function fails(page: Page, address: RegExp): Promise<() => number> {
  let asked = 0;
  await page.route(address, (route) => {
    if (route.request().resourceType() !== 'fetch') return route.continue();
    asked += 1;
    return route.fulfill({ status: 500, body: '' });
  });
  return () => asked;
}

test('a server that refuses a search is there: its own page is shown', async ({ page }) => {
  await openClients(page);
  const rows = page.locator('main [data-live] tr[data-row]');
  const asked = await fails(page, /\/clients\?/);
  await page.getByRole('searchbox', { name: 'Search clients' }).fill('Bright');
  await expect(rows.filter({ hasText: 'Luna Yoga' })).toHaveCount(0);
  await expect(rows.filter({ hasText: 'Bright Dental' }).first()).toBeVisible();
  expect(asked()).toBeGreaterThan(0);
  await expect(page.getByRole('alert').filter({ hasText: 'what was loaded before' })).toHaveCount(0);
});

test('Find does not take a fault of the server for a lost network', async ({ page }) => {
  await openClients(page);
  const asked = await fails(page, /\/do\/find$/);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Find' })).toBeVisible();
  await expect.poll(asked).toBeGreaterThan(0);
  await expect(page.locator('[data-live=found][aria-busy=true]')).toHaveCount(0);
  await expect(page.getByRole('alert').filter({ hasText: 'what was loaded before' })).toHaveCount(0);
});

test('Find and the plan of a new client wait in the same way', async ({ page }) => {
  await openClients(page);
  const find = await hold(page, /\/do\/find$/);
  await page.keyboard.press('Control+k');
  await expect(page.locator('[data-live=found][aria-busy=true]')).toBeAttached();
  await expect.poll(() => line(page, '#find form[role=search]')).toBe(1);
  await find();
  await expect(page.locator('[data-live=found][aria-busy]')).toHaveCount(0);
  await expect(page.getByRole('dialog', { name: 'Find' }).getByRole('link', { name: 'New client' })).toBeVisible();

  await page.goto('/a/harbor/provisioning/new');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  const plan = await hold(page, /\/do\/check_job$/);
  await page.getByLabel('Business name').fill('Quiet Harbor Dental');
  await expect(page.locator('[data-live=plan][aria-busy=true]')).toBeAttached();
  await expect.poll(() => line(page, '[data-live=plan] > .card > header')).toBe(1);
  await plan();
  await expect(page.locator('[data-live=plan][aria-busy]')).toHaveCount(0);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('Enter searches, and nothing says that it waits', async ({ page }) => {
    await signIn(page, 'maya');
    await page.goto('/a/harbor/clients');
    await page.getByRole('searchbox', { name: 'Search clients' }).fill('Bright');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=Bright/);
    await expect(page.locator('[aria-busy], form[data-busy]')).toHaveCount(0);
  });
});
