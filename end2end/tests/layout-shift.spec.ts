// Tests that no page moves while it loads: on each page of the policy, wide and narrow, the sum of all layout shifts that
// nobody caused by input stays under 0.02.
import { everybody, who, type Everybody } from '../every-page';
import { expect, test } from '../fixtures';
import { address, routes } from '../policy';

// A page that reports a missing record answers with an error status, which the browser logs. The zone is not the server's,
// so that times are rewritten.
test.use({ expectedOnConsole: /Failed to load resource/, timezoneId: 'America/New_York' });

type Shift = PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node }[] };

let all: Everybody;
test.beforeAll(async ({ browser }) => {
  all = await everybody(browser);
});

for (const route of routes) {
  test(`${route.path} does not move while it loads`, async ({ page, context }) => {
    const person = who[route.needs];
    if (person) await context.addCookies(all.sessions.get(person)!);
    await page.addInitScript(() => {
      const shifts: { value: number; moved: string[] }[] = [];
      Object.assign(window, { shifts });
      new PerformanceObserver((list) => {
        for (const shift of list.getEntries() as Shift[]) {
          if (shift.hadRecentInput) continue;
          const moved = shift.sources.map(({ node }) => (node?.textContent ?? '').trim().slice(0, 40));
          shifts.push({ value: shift.value, moved });
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.goto(`${address(route, all.names)}?limit=10`);
      const hydrated = page.locator('html[data-hydrated]');
      if ((await page.locator('leptos-island').count()) > 0) await expect(hydrated).toHaveCount(1);
      if ((await page.locator('[data-stream] .pip').count()) > 0) await page.waitForLoadState('load');
      // Two frames, so that what the scripts changed is laid out.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      const shifts = await page.evaluate(() => (window as unknown as { shifts: { value: number }[] }).shifts);
      const sum = shifts.reduce((all, one) => all + one.value, 0);
      expect(sum, `${width} px: ${JSON.stringify(shifts)}`).toBeLessThanOrEqual(0.02);
    }
  });
}
