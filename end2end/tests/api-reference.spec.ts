// Tests the API reference: each group is a page with what every call takes and answers; it has no barriers, fits a phone, and
// its code can be copied.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test('a developer looks up what a call answers', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/tokens/reference');
  await page.getByRole('link', { name: 'Retrieve a job with its steps and attempts' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Provisioning jobs' })).toBeVisible();
  const call = page.locator('#get-api-v1-provisioning-jobs-id');
  await expect(call.getByRole('heading', { level: 3, name: 'Example response 200' })).toBeVisible();
  const members = call.getByRole('table', { name: /^Response 200/ });
  await expect(members.getByRole('rowheader', { name: 'client_name', exact: true }).first()).toBeVisible();
  await members.locator('summary', { hasText: /^Fields of steps$/ }).click();
  const steps = call.getByRole('table', { name: 'Fields of steps', exact: true });
  await expect(steps.getByRole('rowheader', { name: 'attempts', exact: true })).toBeVisible();
  await expectNoBarriers(page, { also: ['heading-order'] });
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectNoBarriers(page, { only: ['color-contrast'] });
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});
