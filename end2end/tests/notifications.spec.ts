// Tests notifications by clicking: a job that needs its owner rings the bell of an open page and of its tab, opening the
// job counts as having seen it, and people choose how they are told. Also without scripts.
import { type Page } from '@playwright/test';
import { startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

const all = '/a/harbor/notifications';

/** The bell in the header. */
const bell = (page: Page) => page.getByRole('banner').getByRole('link', { name: /^Notifications/ });

test('a job that is done rings the bell of an open page, and opening the job counts as seen', async ({ page, context }) => {
  test.setTimeout(300_000);
  await signIn(page, 'maya');
  await page.goto(all);
  const markAll = page.getByRole('button', { name: 'Mark all as read' });
  if (await markAll.isVisible()) await markAll.click();
  await expect(bell(page)).toHaveAttribute('data-unread', '');
  await expect(page).toHaveTitle(/^Notifications/);
  await expectNoBarriers(page);

  const name = unique('Harborview Dental');
  const other = await context.newPage();
  await other.goto('/a/harbor/provisioning/new');
  await startClient(other, name, 'Dental Pro');
  const job = new URL(other.url()).pathname;
  // The job's own page is left, so that nobody sees its end there.
  await other.goto('/a/harbor/snapshots');

  await test.step('the open page hears of it by itself', async () => {
    await page.bringToFront();
    await expect(page.getByRole('link', { name: `${name} is set up` })).toBeVisible({ timeout: 60_000 });
    await expect(bell(page)).toHaveAttribute('data-unread', '1');
    await expect(page).toHaveTitle(/^\(1\) Notifications/);
    await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', '/favicon-unread.svg');
  });

  await test.step('whoever opens the job has seen it', async () => {
    await page.getByRole('link', { name: `${name} is set up` }).click();
    await expect(page).toHaveURL(new RegExp(`${job}$`));
    await expect(state(page, 'Done')).toBeVisible();
    await expect(bell(page)).toHaveAttribute('data-unread', '');
    await expect(page).not.toHaveTitle(/^\(/);
  });
});

test('a person chooses how to be told, and an agency what applies to the others', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/me/notifications');
  await expectNoBarriers(page);
  await page.getByLabel('A job finished').selectOption('digest');
  await page.getByLabel('Daily summary').selectOption({ label: '5 PM' });
  await page.getByLabel('Quiet hours', { exact: false }).first().selectOption('22-7');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.').first()).toBeVisible();
  await expect(page.getByLabel('A job finished')).toHaveValue('digest');
  await expect(page.getByLabel('Daily summary')).toHaveValue('17');
  await page.goto('/a/harbor/settings/notifications');
  await expectNoBarriers(page);
  await page.getByLabel('A client was added').selectOption('app');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText("It applies to everyone without their own settings.", { exact: false }).first()).toBeVisible();
  // As before, for the other tests.
  await page.getByLabel('A client was added').selectOption('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.goto('/me/notifications');
  await page.getByLabel('A job finished').selectOption('');
  await page.getByLabel('Quiet hours', { exact: false }).first().selectOption('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved.').first()).toBeVisible();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the bell has its number and everything can be marked as read', async ({ page }) => {
    await signIn(page, 'maya');
    await page.goto(all);
    await expect(bell(page)).toBeVisible();
    await expect(page.locator('main')).toContainText('Noah Lindqvist accepted the invitation');
    const markAll = page.getByRole('button', { name: 'Mark all as read' });
    if (await markAll.isVisible()) {
      await markAll.click();
      await expect(page.getByText('All caught up.').first()).toBeVisible();
    }
    await page.getByRole('link', { name: 'Unread', exact: true }).click();
    await expect(page.getByText('No notifications under', { exact: false })).toBeVisible();
  });
});
