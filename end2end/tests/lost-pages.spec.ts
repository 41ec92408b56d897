// Tests what a person sees who took a wrong way: inside a place of their own the menu stays, so that they can go on; a page that
// their role does not open says which role does and whom to ask; a foreign place tells nothing.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

// The browser logs the status of each refused page.
test.use({ expectedOnConsole: /Failed to load resource/ });

const menu = { name: 'Main', exact: true } as const;

test('an unknown address below ones own agency keeps the menu, and is no page to come back to', async ({ page }) => {
  await signIn(page, 'maya');
  for (const path of ['/a/harbor/no-such-page', '/a/harbor/provisioning/x/y/z']) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
    await expectNoBarriers(page);
  }
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.getByRole('navigation', menu).getByRole('link', { name: 'Clients', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Clients' })).toBeVisible();
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog', { name: 'Find' });
  await expect(dialog.getByRole('searchbox')).toBeVisible();
  await expect(dialog.getByRole('link', { name: 'Page not found' })).toHaveCount(0);
});

test('a member of a business learns which role opens a page and whom to ask, and goes on from the menu', async ({ page }) => {
  await signIn(page, 'tess');
  const home = new URL(page.url()).pathname;
  const closed = await page.goto(`${home}/assistant`);
  expect(closed?.status()).toBe(403);
  const card = page.getByRole('alert').filter({ hasText: "Your role doesn't include this" });
  await expect(card).toContainText('Ask Dr. Ana Lee for the business owner role.');
  await expectNoBarriers(page);
  const lost = await page.goto(`${home}/no-such-page`);
  expect(lost?.status()).toBe(404);
  await page.getByRole('navigation', menu).getByRole('link', { name: 'Inbox' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
});

test('a foreign place and one that does not exist answer alike, without a menu', async ({ page }) => {
  await signIn(page, 'tess');
  for (const path of ['/a/harbor/no-such-page', '/a/no-such-agency/no-such-page', '/admin/no-such-page']) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
    await expect(page.getByRole('navigation')).toHaveCount(0);
  }
});
