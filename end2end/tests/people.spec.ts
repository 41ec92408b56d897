// Tests the daily work of each kind of user: the owner of a business and a member of an agency's staff. The super
// admin's first day is in identity.spec.ts.
import { startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test.describe('the owner of a business', () => {
  test.use({ expectedOnConsole: /Failed to load resource/ });

  test('sees the business and its connection, and nothing of the agency or the platform', async ({ page }) => {
    await signIn(page, 'owner');
    await expect(page).toHaveURL(/\/b\/[0-9a-f-]{36}$/);
    await expect(page.getByRole('heading', { level: 1, name: 'Bright Dental' })).toBeVisible();
    await expect(page.locator('main').getByText('Tess Moreau')).toBeVisible();
    await expectNoBarriers(page);
    await page.getByRole('link', { name: 'Connections' }).first().click();
    await expect(page).toHaveURL(/\/integrations$/);
    await expect(page.locator('main').getByText('Managed by Harbor Marketing.')).toBeVisible();
    for (const closed of ['/a/harbor', '/a/harbor/clients', '/a/harbor/provisioning', '/admin']) {
      expect((await page.goto(closed))?.status(), closed).toBe(404);
      await expect(page.getByText('Luna Yoga')).toHaveCount(0);
    }
  });
});

test.describe('staff of an agency', () => {
  test('provision a client, repair its job and find it again', async ({ page, simulator }) => {
    const name = unique('Lakeside Clinic');
    await signIn(page, 'noah');
    await expect(page.locator('nav').getByText('Settings')).toHaveCount(0);
    await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 403 });
    await startClient(page, name);
    await expect(state(page, 'Needs input')).toBeVisible({ timeout: 45_000 });
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(state(page, 'Done')).toBeVisible({ timeout: 45_000 });
    await page.goto(`/a/harbor/provisioning?view=mine&q=${encodeURIComponent(name)}`);
    await page.getByRole('link', { name: new RegExp(name) }).click();
    // A user who is limited to assigned clients is assigned the client that they created.
    await page.getByRole('link', { name: 'Open client' }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  });

  test('is given a client on its page, and has it taken away', async ({ page, browser }) => {
    const name = unique('Pearl Dental');
    await signIn(page, 'maya');
    await startClient(page, name);
    await expect(state(page, 'Done')).toBeVisible({ timeout: 45_000 });
    await page.getByRole('link', { name: 'Open client' }).click();
    await expectNoBarriers(page);
    const other = await browser.newContext({ baseURL: process.env.BASE_URL });
    const noah = await other.newPage();
    await signIn(noah, 'noah');
    expect((await noah.goto(page.url()))?.status()).toBe(404);
    await page.getByLabel('Assign a teammate').selectOption({ label: 'Noah Lindqvist' });
    await page.getByRole('button', { name: 'Assign' }).click();
    await expect(page.getByText('They see this client from their next click on.').first()).toBeVisible();
    expect((await noah.goto(page.url()))?.status()).toBe(200);
    await page.getByRole('button', { name: 'Unassign' }).click();
    await expect(page.getByText('They no longer see this client.').first()).toBeVisible();
    expect((await noah.reload())?.status()).toBe(404);
    await other.close();
  });
});
