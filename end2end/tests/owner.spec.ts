// Tests what the owner of a client does on the client's own page: tick what the agency left to them, correct their phone
// number, invite a colleague. The agency sees who did it.
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

const what = 'Set your password in HighLevel';

test('an owner checks off a to-do of their own, and the agency sees who did', async ({ page }) => {
  await signIn(page, 'owner');
  await expect(page.getByRole('heading', { level: 1, name: 'Bright Dental' })).toBeVisible();
  const todos = page.locator('[data-todos]');
  await expect(page.getByRole('heading', { name: 'Your to-dos' })).toBeVisible();
  await expectNoBarriers(page);
  await todos.getByRole('button', { name: new RegExp(`^Mark as done ?: ${what}`) }).click();
  await expect(todos).toContainText('Done by Dr. Ana Lee');
  await expectNoBarriers(page);

  await test.step('the agency reads her name', async () => {
    await signOut(page);
    await signIn(page, 'maya');
    await page.goto(`/a/harbor/to-dos?view=done&q=${encodeURIComponent(what)}`);
    const row = page.locator('main tbody tr', { hasText: what });
    await expect(row).toContainText('Done by Dr. Ana Lee');
    await expect(row).toContainText('The owner');
    await signOut(page);
  });

  await test.step('a colleague makes it open again', async () => {
    await signIn(page, 'tess');
    await page.locator('[data-todos]').getByRole('button', { name: new RegExp(`^Reopen ?: ${what}`) }).click();
    await expect(page.locator('[data-todos]').getByRole('button', { name: new RegExp(`^Mark as done ?: ${what}`) })).toBeVisible();
  });
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('an owner finds whom to ask, and corrects the phone number', async ({ page }) => {
    await signIn(page, 'owner');
    await expect(page.getByRole('heading', { name: 'Your contact at Harbor Marketing' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Open HighLevel' })).toBeVisible();
    await page.locator('summary', { hasText: 'Edit details' }).click();
    await page.getByLabel('Phone').fill('(305) 555-0100');
    await page.getByRole('button', { name: 'Save details' }).click();
    await expect(page.getByText('Details saved.')).toBeVisible();
  });
});
