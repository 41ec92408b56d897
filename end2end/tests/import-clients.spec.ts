// Tests bringing existing sub-accounts in by clicking: an admin finds those that were made by hand in HighLevel, imports one
// and sees it as a client; searches; and imports the rest at once. Staff do not see the page.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

const importing = '/a/harbor/clients/import';

test('an admin imports a sub-account that exists in HighLevel and opens it as a client', async ({ page }) => {
  test.setTimeout(300_000);
  await signIn(page, 'maya');
  await page.goto('/a/harbor/clients');
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Import sub-accounts' })).toBeVisible();
  await expectNoBarriers(page);

  await test.step('the list is read anew, and appears by itself', async () => {
    await page.getByRole('button', { name: 'Refresh list' }).click();
    await expect(page.getByText(/^We found/)).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('main tbody tr', { hasText: 'Palmetto Animal Clinic' })).toBeVisible();
    await expect(page.locator('main tbody tr', { hasText: 'Bright Dental' })).toHaveCount(0);
  });

  await test.step('one is found by its city, ticked and imported', async () => {
    await page.goto(`${importing}?q=charleston`);
    const row = page.locator('main tbody tr', { hasText: 'Palmetto Animal Clinic' });
    await expect(row).toHaveCount(1);
    await expect(page.locator('main tbody tr').filter({ hasNotText: 'Charleston' })).toHaveCount(0);
    await row.getByRole('checkbox').first().check();
    await page.getByRole('button', { name: 'Import as clients' }).click();
    await expect(page.getByText('Importing 1 sub-account.', { exact: false }).first()).toBeVisible();
    await page.goto(importing);
    await expect(page.getByRole('main').getByText('1 client imported.')).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('main tbody tr', { hasText: 'Palmetto Animal Clinic' })).toHaveCount(0);
    await expectNoBarriers(page);
  });

  await test.step('it is a client with its connection', async () => {
    await page.goto('/a/harbor/clients?q=palmetto');
    await page.locator('main tbody tr', { hasText: 'Palmetto Animal Clinic' }).getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'Palmetto Animal Clinic' })).toBeVisible();
    await expect(page.getByText('Working', { exact: true }).first()).toBeVisible();
  });
});

test('the rest is imported at once, and staff have no access', async ({ page, browser }) => {
  test.setTimeout(300_000);
  await signIn(page, 'maya');
  await page.goto(importing);
  await page.getByText(/^Import all/).click();
  await page.getByRole('button', { name: /^Import \d+ sub-accounts?$/ }).click();
  await expect(page.locator('#main').getByText(/\d clients? imported\./)).toBeVisible({ timeout: 60_000 });
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);

  const other = await browser.newContext();
  const staff = await other.newPage();
  await signIn(staff, 'noah');
  await staff.goto('/a/harbor/clients');
  await expect(staff.getByRole('link', { name: 'Import', exact: true })).toHaveCount(0);
  await other.close();
});
