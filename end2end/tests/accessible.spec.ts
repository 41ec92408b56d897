// Tests that every page is accessible. Each page of the policy table is opened in light and dark, wide and narrow: axe
// finds no serious violation, and at 320 pixels nothing needs to be scrolled sideways.
import { type Cookie } from '@playwright/test';
import { expect, expectNoBarriers, people, signIn, test } from '../fixtures';
import { address, routes, type Names, type Route } from '../policy';

// A page that reports a missing record answers with an error status, which the browser logs.
test.use({ expectedOnConsole: /Failed to load resource/, contextOptions: { reducedMotion: 'reduce' } });

/** The user who opens a page, by what the page requires. */
const who: Record<Route['needs'], keyof typeof people | null> = {
  Nothing: null,
  Proof: null,
  SignedIn: 'maya',
  Platform: 'admin',
  Agency: 'maya',
  Business: 'owner',
};

const sessions = new Map<keyof typeof people, Cookie[]>();
let names: Names = { agency: 'harbor', business: '', job: '' };

test.beforeAll(async ({ browser }) => {
  for (const person of ['admin', 'maya', 'owner'] as const) {
    const context = await browser.newContext({ baseURL: process.env.BASE_URL });
    const page = await context.newPage();
    await signIn(page, person);
    sessions.set(person, await context.cookies());
    if (person === 'maya') {
      const first = async (list: string) => {
        await page.goto(list);
        const link = page.locator('main table a[href*="/a/"]').first();
        return (await link.getAttribute('href'))!.split(/[/?]/).at(-1)!;
      };
      names = {
        agency: 'harbor',
        business: await first('/a/harbor/clients?q=Bright+Dental'),
        job: await first('/a/harbor/provisioning'),
      };
    }
    await context.close();
  }
});

test('the policy lists its pages', () => {
  expect(routes.length).toBeGreaterThan(25);
});

for (const route of routes) {
  test(`${route.path} has no barriers`, async ({ page, context }) => {
    const person = who[route.needs];
    if (person) await context.addCookies(sessions.get(person)!);
    // A short list contains every kind of element that a long one does.
    await page.goto(`${address(route, names)}?limit=10`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    for (const [width, height] of [[1440, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: 'light' });
      await expectNoBarriers(page);
      // The theme changes only colours.
      await page.emulateMedia({ colorScheme: 'dark' });
      await expectNoBarriers(page, ['color-contrast']);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, 'width needed on a screen of 320 pixels').toBeLessThanOrEqual(320);
  });
}
