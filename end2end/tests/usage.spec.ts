// Tests usage by clicking: the business sees how much of its messages is sent, with the last days as a chart and a table; its
// agency sets the limit, and the business reads that it is reached.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

const usage = '/a/harbor/usage?q=Bright+Dental';

/** Sets the limit of Bright Dental, as its agency does, and expects what stands in the table after that. */
async function setLimit(page: Page, limit: string, shown: RegExp): Promise<void> {
  await page.goto(usage);
  const row = page.locator('main tbody tr', { hasText: 'Bright Dental' });
  await row.getByRole('link', { name: 'Change limits of Bright Dental' }).click();
  await page.getByLabel('Messages a month').fill(limit);
  await page.getByRole('button', { name: 'Save limits' }).click();
  await expect(page.getByText(/Bright Dental can now send [\d,]+ messages a month/).first()).toBeVisible();
  await page.goto(usage);
  await expect(row).toContainText(shown);
}

test('a business sees what it used, and its agency sets the limit', async ({ page }) => {
  test.setTimeout(300_000);

  await test.step('the business sees its figures, and the chart has a table', async () => {
    await signIn(page, 'owner');
    const figures = page.getByRole('region', { name: 'Inbox at a glance' });
    await expect(figures.getByRole('link', { name: /Open conversations/ })).toBeVisible();
    await expect(figures).toContainText('Answered by the assistant');
    await expect(figures).toContainText('of 1,000 this month');
    await expect(page.getByRole('img', { name: /Messages sent and assistant answers/ })).toBeVisible();
    await page.locator('summary', { hasText: 'Show as a table' }).click();
    await expect(page.getByRole('table', { name: 'Last 30 days' }).getByRole('row')).toHaveCount(31);
    await expectNoBarriers(page);
    await figures.getByRole('link', { name: /Waiting for an answer/ }).click();
    await page.waitForURL(/\/inbox\?view=waiting/);
    await signOut(page);
  });

  await test.step('the agency refuses nonsense and sets a limit that is reached', async () => {
    await signIn(page, 'maya');
    await page.goto(usage);
    await expectNoBarriers(page);
    await page.getByRole('link', { name: 'Change limits of Bright Dental' }).click();
    await page.getByLabel('Messages a month').fill('many');
    await page.getByLabel('Tokens a day').fill('lots');
    await page.getByRole('button', { name: 'Save limits' }).click();
    await expect(page.getByText('Enter a whole number from 0 to 1,000,000.').first()).toBeVisible();
    await expect(page.getByText('Enter a whole number from 0 to 100,000,000.').first()).toBeVisible();
    await expectNoBarriers(page);
    await setLimit(page, '0', /Limit reached/);
    await signOut(page);
  });

  await test.step('the agency sets how many tokens a day the assistant may use', async () => {
    await signIn(page, 'maya');
    await page.goto(usage);
    await page.getByRole('link', { name: 'Change limits of Bright Dental' }).click();
    await page.getByLabel('Tokens a day').fill('250,000');
    await page.getByRole('button', { name: 'Save limits' }).click();
    await expect(page.getByText(/use 250,000 AI tokens a day/).first()).toBeVisible();
    await page.goto(usage);
    await expect(page.locator('main tbody tr', { hasText: 'Bright Dental' })).toContainText(/of 250,000/);
    await signOut(page);
  });

  await test.step('the business reads that it is reached, in its own words', async () => {
    await signIn(page, 'owner');
    await expect(page.getByText(/The assistant only drafts now; you can still reply/)).toBeVisible();
    await expectNoBarriers(page);
    await signOut(page);
  });

  await test.step('the agency gives it back', async () => {
    await signIn(page, 'maya');
    await setLimit(page, '1,000', /of 1,000/);
  });
});
