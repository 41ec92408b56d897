// Tests what a tablet and a small laptop show of lists and cards: no list is wider than its card, the buttons of a row stand at
// its end, times stand on one line, and no fact leaves its card.
import { type Page } from '@playwright/test';
import { expect, signIn, test } from '../fixtures';

const widths = [1280, 1024, 768];

/** What is out of place in the lists of the page. */
const misplaced = (page: Page): Promise<string[]> =>
  page.locator('.table-scroll').evaluateAll((lists) =>
    lists.flatMap((list) => {
      const end = list.getBoundingClientRect().right;
      const wide = list.scrollWidth > list.clientWidth + 1 ? [`a list needs ${list.scrollWidth} px`] : [];
      const acts = [...list.querySelectorAll('td.cell-actions')].map((cell) => [...cell.querySelectorAll('.btn')].pop());
      const apart = acts.filter((act) => act && end - act.getBoundingClientRect().right > 40);
      const tall = [...list.querySelectorAll('time')].filter((time) => time.getClientRects().length > 1);
      return [...wide, ...apart.map((act) => `a button: ${act!.textContent}`), ...tall.map((time) => `a time: ${time.textContent}`)];
    }),
  );

test('the lists of usage and of webhooks fit their cards', async ({ page }) => {
  await signIn(page, 'maya');
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const list of ['/a/harbor/usage', '/a/harbor/webhooks', '/a/harbor/connections/incoming']) {
      await page.goto(list);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await misplaced(page), `${list} at ${width} px`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `${list} at ${width} px`).toBeLessThanOrEqual(width);
    }
    await page.goto('/a/harbor/usage');
    await expect(page.getByRole('columnheader', { name: 'Cost' })).toBeVisible();
  }
});

test('the facts of an agency stay in their cards', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/agencies');
  await page.locator('main tbody').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Details' })).toBeVisible();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const outside = await page.locator('.card dd, .card dd time').evaluateAll((facts) =>
      facts
        .filter((fact) => fact.getBoundingClientRect().right > fact.closest('.card')!.getBoundingClientRect().right - 8)
        .map((fact) => fact.textContent),
    );
    expect(outside, `at ${width} px`).toEqual([]);
  }
});

test('a super admin without an agency is asked about no notifications', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/me/notifications');
  await expect(page.getByRole('heading', { name: 'Nothing to choose' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
});
