// Tests that times are the viewer's: one zone on a page, named in full with UTC on hover, and never those of an earlier step.
import { startClient, state, unique } from '../clients';
import { expect, signIn, test } from '../fixtures';

test.use({ timezoneId: 'America/New_York' });

test('a page shows one zone, and hovering names it together with UTC', async ({ page }) => {
  await signIn(page, 'maya');
  await startClient(page, unique('Zone Dental'));
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  await page.goto(`${page.url()}?step=CHECK_PLAN`);
  const began = page.locator('[data-live=step] time[data-exact]').first();
  await expect(began).toHaveText(/^[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d{2}:\d{2} [AP]M E[SD]T$/);
  await expect(began).toHaveAttribute('title', /E[SD]T \(America\/New_York\) · .* UTC$/);

  const lines = page.locator('.log-time time');
  const expected = await lines.first().evaluate((line: HTMLTimeElement) =>
    new Date(Number(line.dataset.clock)).toLocaleTimeString('en-US', { timeZone: 'America/New_York' }).replace('\u202f', ' '),
  );
  await expect(lines.first()).toHaveText(expected);
  await expect(lines.first()).toHaveAttribute('title', /\(America\/New_York\) · .*\.\d{3} [AP]M UTC$/);
});

test('a time that a live update changes is rewritten at once', async ({ page }) => {
  await signIn(page, 'maya');
  await startClient(page, unique('Stale Dental'), 'Dental Pro');
  await expect(page.locator('.pip')).toHaveText('Live');
  // Looks right after each change of the page, before the next tick of the clock.
  await page.evaluate(() => {
    const seen = { changes: 0, stale: [] as string[] };
    Object.assign(window, { seen });
    const look = () => {
      seen.changes += 1;
      for (const time of document.querySelectorAll<HTMLTimeElement>('main time[data-exact]')) {
        const at = new Date(Number(time.dataset.exact));
        const words = at.toLocaleString('en-US', { dateStyle: 'medium', timeStyle: 'long' }).replace('\u202f', ' ');
        if (time.textContent !== words) seen.stale.push(`${time.textContent} instead of ${words}`);
      }
    };
    new MutationObserver(look).observe(document.querySelector('main')!, { subtree: true, childList: true, attributes: true });
  });
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  const seen = await page.evaluate(() => (window as unknown as { seen: { changes: number; stale: string[] } }).seen);
  expect(seen.changes).toBeGreaterThan(5);
  expect(seen.stale).toEqual([]);
});
