// Tests what an open page says while the browser has no network: the rows stay with a sentence above them, the indicator is not
// "Live", and with the network the page asks again what it could not ask, by itself.
import { type BrowserContext, type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

// The browser logs each request that finds no network.
test.use({ expectedOnConsole: /Failed to load resource|ERR_INTERNET_DISCONNECTED/ });

const search = 'form[data-live-search]';
const sentence = /offline, or the server isn't responding\. This page shows what was loaded before/;
const pip = (page: Page) => page.locator('.pip');

/** Opens the list of clients and takes the network away. */
async function losesNetwork(page: Page, context: BrowserContext): Promise<void> {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/clients');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await expect(pip(page)).toHaveText('Live');
  await expect(page.getByRole('alert').filter({ hasText: sentence })).toHaveCount(0);
  await context.setOffline(true);
}

test('a search without a network leaves the rows, says so, and is asked again with it', async ({ page, context }) => {
  await losesNetwork(page, context);
  const said = page.getByRole('alert').filter({ hasText: sentence });
  const rows = page.locator('main [data-live] tr[data-row]');
  await expect(said).toBeVisible();
  await expect(pip(page)).not.toHaveText('Live');
  const before = await rows.count();
  await page.getByRole('searchbox', { name: 'Search clients' }).fill('Bright');
  await expect(page).toHaveURL(/[?&]q=Bright/);
  await expect(page.locator(`${search}[data-busy], [aria-busy=true]`)).toHaveCount(0);
  await expect(rows).toHaveCount(before);
  await expectNoBarriers(page);

  await context.setOffline(false);
  await expect(rows.filter({ hasText: 'Luna Yoga' })).toHaveCount(0);
  await expect(rows.filter({ hasText: 'Bright Dental' }).first()).toBeVisible();
  await expect(pip(page)).toHaveText('Live');
  await expect(said).toHaveCount(0);
});

test('Find says so, too, and shows its hits once there is a network', async ({ page, context }) => {
  await losesNetwork(page, context);
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog', { name: 'Find' });
  await expect(dialog.getByRole('alert').filter({ hasText: sentence })).toBeVisible();
  await page.keyboard.type('Snapshots');
  await expect(dialog.locator('[data-live=found][data-typed=Snapshots]')).toHaveCount(0);

  await context.setOffline(false);
  await expect(dialog.locator('[data-live=found][data-typed=Snapshots]')).toBeVisible();
  await expect(dialog.getByRole('link', { name: 'Snapshots', exact: true })).toBeVisible();
  await expect(dialog.getByRole('alert')).toHaveCount(0);
});
