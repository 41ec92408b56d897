// Tests the page of snapshots by clicking: the list comes by itself, a sync that fails says why and can be repeated, and a
// card leads to a new client with its snapshot chosen. Staff see the cards and change none.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

const snapshots = '/a/harbor/snapshots';

/** The card of a snapshot. */
const card = (page: Page, name: string) => page.getByRole('list', { name: 'Snapshots' }).getByRole('listitem').filter({ hasText: name });

test('an admin finds a snapshot, describes it, hides it and creates a client with it', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto(snapshots);
  await expect(card(page, 'Dental Pro')).toContainText('Available');
  await expect(card(page, 'Dental Pro')).toContainText('Used by');
  await expect(card(page, 'Dental Pro').getByRole('button', { name: 'Copy snapshot ID' })).toBeVisible();
  await expectNoBarriers(page);

  await test.step('it gets an industry and is found by it', async () => {
    await card(page, 'Dental Pro').locator('summary', { hasText: 'Edit' }).click();
    await card(page, 'Dental Pro').getByLabel('Industry').fill('Dentists');
    await card(page, 'Dental Pro').getByRole('button', { name: 'Save' }).click();
    await expect(card(page, 'Dental Pro')).toContainText('Dentists');
    await page.locator('summary', { hasText: 'Industry' }).click();
    await page.getByRole('link', { name: 'Dentists' }).click();
    await expect(page).toHaveURL(/view=niche/);
    await expect(page.getByRole('list', { name: 'Snapshots' }).getByRole('listitem')).toHaveCount(1);
  });

  await test.step('hidden, it cannot be chosen; available again, it can', async () => {
    await page.goto(snapshots);
    await card(page, 'Dental Pro').getByRole('button', { name: 'Hide' }).click();
    await expect(card(page, 'Dental Pro')).toContainText('Hidden');
    await expect(card(page, 'Dental Pro').getByRole('link', { name: 'Create client' })).toHaveCount(0);
    await card(page, 'Dental Pro').getByRole('button', { name: 'Make available' }).click();
    await expect(card(page, 'Dental Pro')).toContainText('Available');
  });

  await test.step('its card leads to a form with the snapshot chosen', async () => {
    await card(page, 'Dental Pro').getByRole('link', { name: 'Create client' }).click();
    await expect(page).toHaveURL(/provisioning\/new\?snapshot=/);
    await expect(page.getByLabel(/^Snapshot/).locator('option:checked')).toContainText('Dental Pro');
  });
});

test('a sync that fails says why, keeps the list and works when it is repeated', async ({ page, simulator, ownServer }) => {
  test.setTimeout(300_000);
  await signIn(page, 'maya', ownServer.url);
  await page.goto(ownServer.url + snapshots);
  await expect(card(page, 'Dental Pro')).toBeVisible();
  await simulator.faults({ match: { method: 'GET', path: '/snapshots/' }, times: 4, fault: 'status', status: 500 });
  await page.getByRole('button', { name: 'Sync now' }).click();
  // The page is not reloaded: it hears of the failure and of the success by itself.
  await expect(page.getByText('HighLevel had a problem while we were reading your snapshots.')).toBeVisible({ timeout: 60_000 });
  await expect(card(page, 'Dental Pro')).toBeVisible();
  await expectNoBarriers(page);
  await expect(async () => {
    const retry = page.getByRole('button', { name: 'Retry' });
    if (await retry.isVisible()) await retry.click();
    await expect(page.getByRole('button', { name: 'Sync now' })).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText('HighLevel had a problem')).toHaveCount(0);
});

test('staff see the snapshots and change none', async ({ page }) => {
  await signIn(page, 'noah');
  await page.goto(snapshots);
  await expect(card(page, 'Dental Pro')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sync now' })).toHaveCount(0);
  await expect(card(page, 'Dental Pro').getByRole('button', { name: 'Hide' })).toHaveCount(0);
});

test('on a phone the cards stand below each other', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, 'maya');
  await page.goto(snapshots);
  await expect(card(page, 'Dental Pro')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});
