// Tests that nobody can see another agency. Every page of the policy table is opened with the other agency's ids, in
// both directions.
import { type Page } from '@playwright/test';
import { acceptInvitation, createAgency } from '../agencies';
import { startClient, unique } from '../clients';
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';
import { address, routes, type Names } from '../policy';

test.use({ expectedOnConsole: /Failed to load resource/ });

/** Pages that belong to a tenant. */
const theirs = routes.filter((route) => route.needs === 'Agency' || route.needs === 'Business');

/** The id at the end of the first link in a list. */
async function firstOf(page: Page, list: string): Promise<string> {
  await page.goto(list);
  const link = await page.locator('main table a[href*="/a/"]').first().getAttribute('href');
  return link!.split(/[/?]/).at(-1)!;
}

/** Opens every path and expects a 404 page that contains none of these words. */
async function expectNothing(page: Page, names: Names[], words: string[]): Promise<void> {
  for (const route of theirs) {
    for (const path of new Set(names.map((one) => address(route, one)))) {
      const answer = await page.goto(path);
      expect(answer?.status(), path).toBe(404);
      await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
      const body = await page.content();
      for (const word of words) expect(body, `${word} at ${path}`).not.toContain(word);
    }
  }
}

test('nobody opens another agency by its addresses', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  expect(theirs.length).toBeGreaterThan(10);
  const slug = unique('tidewater').replace(' ', '-');
  await signIn(page, 'maya');
  const harbor = {
    agency: 'harbor',
    business: await firstOf(page, '/a/harbor/clients'),
    job: await firstOf(page, '/a/harbor/provisioning'),
  };
  await page.goto('/a/harbor/clients');
  const words = ['Harbor Marketing', 'Bright Dental', 'Luna Yoga', 'Summit Realty', harbor.business, harbor.job];
  for (const word of words.slice(1, 4)) await expect(page.getByText(word).first()).toBeVisible();
  await signOut(page);

  await signIn(page, 'admin');
  await createAgency(page, '', 'Tidewater Agency', slug, `ben@${slug}.test`);
  await signOut(page);
  await acceptInvitation(page, simulator, `ben@${slug}.test`, 'Ben Marsh');
  const client = unique('Tidal Bakery');
  await startClient(page, client, undefined, `/a/${slug}`);
  const job = new URL(page.url()).pathname.split('/').at(-1)!;

  // A path that combines one's own agency with another agency's record must not work either.
  const mixed = { ...harbor, agency: slug };
  const inside = theirs.filter((route) => /\{(business|job)\}/.test(route.path));
  await expectNothing(page, [harbor], words.filter((word) => word.length !== 36));
  for (const route of inside) {
    const answer = await page.goto(address(route, mixed));
    expect(answer?.status(), route.path).toBe(404);
    for (const word of words.slice(0, 4)) expect(await page.content()).not.toContain(word);
  }
  await expectNoBarriers(page);
  await page.goto(`/a/${slug}`);
  await signOut(page);

  await signIn(page, 'maya');
  // The other agency has no client yet, so the id of its job stands in for a client's id.
  await expectNothing(page, [{ agency: slug, business: job, job }], ['Tidewater Agency', client]);
  const answer = await page.goto(`/a/harbor/provisioning/${job}`);
  expect(answer?.status()).toBe(404);
  expect(await page.content()).not.toContain(client);
});
