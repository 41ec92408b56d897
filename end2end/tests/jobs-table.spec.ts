// Tests the table of jobs: a name stays on its line, the reason of a failure stands under its row, and no width of the screen
// needs to be scrolled sideways.
import { expect, signIn, test } from '../fixtures';
import { startClient, state, unique } from '../clients';

test('a failed job keeps the table in shape and shows its reason over the full width', async ({ page, simulator }) => {
  await signIn(page, 'maya');
  const name = unique('A dental practice with a long name that does not fit');
  await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 422 });
  await startClient(page, name);
  await expect(state(page, '(Failed|Needs input)')).toBeVisible({ timeout: 60_000 });
  for (const width of [1440, 1366, 720, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/a/harbor/provisioning');
    const row = page.locator('tr[data-row]', { hasText: name });
    await expect(row).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `at ${width} px`).toBeLessThanOrEqual(width);
    const link = await row.locator('.row-link').boundingBox();
    expect(link!.height, `the name at ${width} px`).toBeLessThan(32);
    await expect(row.locator('xpath=following-sibling::tr[1]')).toHaveClass(/row-note/);
    const next = await row.getByText(/^(Answer|Retry)$/).boundingBox();
    expect(next!.x + next!.width, `the next button at ${width} px`).toBeLessThanOrEqual(width);
  }
  await expect(page.getByRole('columnheader', { name: 'Problem' })).toHaveCount(0);
});
