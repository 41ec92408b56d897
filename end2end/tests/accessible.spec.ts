// Tests that every page is accessible. Each page of the policy table is opened in light and dark, wide and narrow: axe
// finds no serious violation, and at 1024 and 320 pixels no page is wider than the screen, at 320 no list either.
import { everybody, who, type Everybody } from '../every-page';
import { expect, expectNoBarriers, test } from '../fixtures';
import { address, routes } from '../policy';

// A page that reports a missing record answers with an error status, which the browser logs.
test.use({ expectedOnConsole: /Failed to load resource/, contextOptions: { reducedMotion: 'reduce' } });

let all: Everybody;
test.beforeAll(async ({ browser }) => {
  all = await everybody(browser);
});

test('the policy lists its pages', () => {
  expect(routes.length).toBeGreaterThan(25);
});

for (const route of routes) {
  test(`${route.path} has no barriers`, async ({ page, context }) => {
    const person = who[route.needs];
    if (person) await context.addCookies(all.sessions.get(person)!);
    // A short list contains every kind of element that a long one does.
    await page.goto(`${address(route, all.names)}?limit=10`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: 'light' });
      await expectNoBarriers(page, { also: ['heading-order', 'label-content-name-mismatch'] });
      // The theme changes only colours.
      await page.emulateMedia({ colorScheme: 'dark' });
      await expectNoBarriers(page, { only: ['color-contrast'] });
    }
    // A small laptop is where the menu leaves a list the least room.
    await page.setViewportSize({ width: 1024, height: 768 });
    const needed = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(needed, 'width needed on a screen of 1024 pixels').toBeLessThanOrEqual(1024);
    await page.setViewportSize({ width: 320, height: 640 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, 'width needed on a screen of 320 pixels').toBeLessThanOrEqual(320);
    const lists = page.locator('.table-scroll');
    const cut = await lists.evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length);
    expect(cut, 'lists that are wider than their card').toBe(0);
  });
}
