// Tests the first two minutes in the demo world by clicking: from the sign-in page to a finished client with five clicks and
// nothing typed, and an agency that has just signed up is led to its first step.
import { state } from '../clients';
import { expect, expectNoBarriers, test } from '../fixtures';

test('the first client is finished within two minutes, five clicks and without typing', async ({ page }) => {
  test.setTimeout(300_000);
  let clicks = 0;
  const press = async (role: 'button' | 'link', name: string | RegExp) => {
    clicks += 1;
    await page.getByRole(role, { name }).first().click();
  };
  const began = Date.now();
  await page.goto('/login');
  await expectNoBarriers(page);
  await press('button', 'Enter as Maya Okafor');
  await page.waitForURL(/\/a\/harbor$/);
  await press('link', 'New client');
  await press('link', 'Use sample data');
  await press('button', 'Create client');
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(state(page, 'Done')).toBeVisible({ timeout: 60_000 });
  await press('link', 'Open client');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(clicks).toBeLessThanOrEqual(5);
  expect(Date.now() - began).toBeLessThan(120_000);
});

test('an agency that has just signed up is led to its first step', async ({ page }) => {
  await page.goto('/login');
  await page.getByRole('button', { name: 'Enter as Iris Vale' }).click();
  await page.waitForURL(/\/a\/lighthouse$/);
  const next = page.getByRole('link', { name: /Connect HighLevel/ }).first();
  await expect(next).toBeVisible();
  await next.click();
  await expect(page).toHaveURL(/\/a\/lighthouse\/connections$/);
  await expectNoBarriers(page);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('an account of the demo world is entered with one press', async ({ page }) => {
    await page.goto('/login?next=/me');
    await page.getByRole('button', { name: 'Enter as Noah Lindqvist' }).click();
    await expect(page).toHaveURL(/\/me$/);
  });
});
