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

  test('gives a colleague another role, who then opens the page that was refused', async ({ page, browser }) => {
    await signIn(page, 'owner');
    const home = new URL(page.url()).pathname;
    const other = await browser.newContext({ baseURL: process.env.BASE_URL });
    const tess = await other.newPage();
    await signIn(tess, 'tess');
    expect((await tess.goto(`${home}/assistant`))?.status()).toBe(403);
    await expect(tess.getByText('Ask Dr. Ana Lee for the business owner role.').first()).toBeVisible();
    const role = page.getByLabel('Role for Tess Moreau');
    for (const [label, status] of [['Business owner', 200], ['Team member', 403]] as const) {
      await role.selectOption({ label });
      await page.locator('form', { has: role }).getByRole('button', { name: 'Change role' }).click();
      await expect(page.getByText(`Role changed to ${label}. Takes effect immediately.`).first()).toBeVisible();
      await expectNoBarriers(page);
      expect((await tess.reload())?.status(), label).toBe(status);
    }
    await other.close();
  });
});

test.describe('staff of an agency', () => {
  test('provision a client, repair its job and find it again', async ({ page, simulator }) => {
    const name = unique('Lakeside Clinic');
    await signIn(page, 'noah');
    await expect(page.locator('nav').getByText('Settings')).toHaveCount(0);
    await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 403 });
    await startClient(page, name);
    await expect(state(page, 'Needs input')).toBeVisible({ timeout: 90_000 });
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
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
    await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
    await page.getByRole('link', { name: 'Open client' }).click();
    await expectNoBarriers(page);
    const other = await browser.newContext({ baseURL: process.env.BASE_URL });
    const noah = await other.newPage();
    await signIn(noah, 'noah');
    expect((await noah.goto(page.url()))?.status()).toBe(404);
    await page.getByLabel('Assign a teammate').selectOption({ label: 'Noah Lindqvist' });
    await page.getByRole('button', { name: 'Assign' }).click();
    await expect(page.getByText('They can see this client right away.').first()).toBeVisible();
    expect((await noah.goto(page.url()))?.status()).toBe(200);
    await page.getByRole('button', { name: 'Unassign' }).click();
    await expect(page.getByText('They no longer see this client.').first()).toBeVisible();
    expect((await noah.reload())?.status()).toBe(404);
    await other.close();
  });
});

test.describe('an admin of an agency', () => {
  test('invites, changes roles and removes in one table', async ({ page }) => {
    const email = `table-${Date.now()}@harbor.test`;
    await signIn(page, 'maya');
    await page.goto('/a/harbor/team');
    await expectNoBarriers(page);
    const noah = page.locator('main tr', { hasText: 'Noah Lindqvist' });
    await expect(noah).toContainText('Agency staff');
    await expect(noah).toContainText(/2FA (on|off)/);
    const invite = page.locator('form[action="/do/invite_colleague"]');
    await invite.getByLabel('Email').fill(email);
    await invite.getByRole('button', { name: 'Send invitation' }).click();
    const invited = page.locator('main tr', { hasText: email });
    await expect(invited.getByText('Invited', { exact: true })).toBeVisible();
    await invited.locator('summary').click();
    await invited.getByRole('button', { name: 'Cancel invitation' }).click();
    await expect(page.locator('main tr', { hasText: email })).toHaveCount(0);
    await noah.locator('summary').click();
    await noah.getByRole('link', { name: 'Change role…' }).click();
    await expect(page.getByRole('heading', { level: 2, name: 'Change role of Noah Lindqvist' })).toBeVisible();
    await expectNoBarriers(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Takes effect immediately.', { exact: false }).first()).toBeVisible();
    await expect(page).toHaveURL(/\/team$/);
    await noah.locator('summary').click();
    await noah.getByRole('link', { name: 'Remove…' }).click();
    await expect(page.getByRole('button', { name: 'Remove Noah Lindqvist' })).toBeVisible();
    await page.locator('main').getByRole('link', { name: 'Cancel' }).click();
    await expect(page.locator('form[action="/do/invite_colleague"]')).toBeVisible();
  });

  test('finds every setting by one navigation, and reads what each role may do', async ({ page }) => {
    await signIn(page, 'maya');
    await page.goto('/a/harbor/settings');
    const sections = page.getByRole('navigation', { name: 'Settings' });
    for (const section of ['Agency', 'Brand', 'Notifications', 'Provisioning', 'HighLevel', 'Danger zone']) {
      await expect(sections.getByRole('link', { name: section })).toBeVisible();
    }
    await expectNoBarriers(page);
    await sections.getByRole('link', { name: 'Notifications' }).click();
    await expect(page).toHaveURL(/\/settings\/notifications$/);
    await expect(page.getByRole('navigation', { name: 'Settings' }).locator('[aria-current="page"]')).toHaveText('Notifications');
    await page.goto('/a/harbor/team/roles');
    await expect(page.getByRole('heading', { level: 2, name: 'Built-in roles' })).toBeVisible();
    await expect(page.getByRole('table')).toContainText('Agency staff');
    await expectNoBarriers(page);
  });
});
