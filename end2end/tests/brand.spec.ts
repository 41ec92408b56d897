// Tests the agency's brand and the client's own side by clicking: an admin chooses a color and a logo, a client is invited
// by mail, accepts, and finds the agency, its details and its people on a page of its own.
import { Buffer } from 'node:buffer';
import { followMail, secret } from '../agencies';
import { fillClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

/** A PNG of one pixel. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test.use({ expectedOnConsole: /Failed to load resource/ });

test('an admin chooses a brand, and a wrong color or picture is refused', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/settings');
  const brand = page.locator('form[action="/do/set_brand"]');
  await brand.getByLabel('Accent color').fill('teal');
  await brand.getByRole('button', { name: 'Save brand' }).click();
  await expect(page.getByText('Enter a hex color such as #1d4ed8.').first()).toBeVisible();
  await brand.getByLabel('Accent color').fill('#fff3a0');
  await brand.locator('[name=logo_file]').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
  await brand.getByRole('button', { name: 'Save brand' }).click();
  await expect(page.getByText('Choose a PNG or JPEG picture.').first()).toBeVisible();
  await brand.getByLabel('Accent color').fill('#fff3a0');
  await brand.locator('[name=logo_file]').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') });
  await brand.getByRole('button', { name: 'Save brand' }).click();
  await expect(page.getByText('Brand saved.', { exact: false }).first()).toBeVisible();
  await expect(page.getByText('#fff3a0 is too light for text', { exact: false })).toBeVisible();
  await expectNoBarriers(page);
});

test('a client accepts, lands on its own page, corrects its phone and invites a colleague', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const name = unique('Seaside Dental');
  const owner = `owner-${Date.now()}@seaside.test`;
  await signIn(page, 'maya');
  await page.goto('/a/harbor/provisioning/new');
  await fillClient(page, name);
  await page.locator('[name="/invite_owner"]').uncheck();
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  await page.getByRole('link', { name: 'Open client' }).click();
  const invite = page.locator('form[action="/do/invite_owner"]');
  await invite.getByLabel("Owner's email").fill(owner);
  await invite.getByRole('button').click();
  await signOut(page);

  await followMail(page, simulator, owner);
  await expect(page.getByRole('heading', { level: 1, name: `Harbor Marketing has set up your account for ${name}` })).toBeVisible();
  await expect(page.getByText('Maya Okafor invites you', { exact: false })).toBeVisible();
  await expectNoBarriers(page);
  const link = page.url();
  await page.getByLabel('Your name').fill('Sea Side');
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Accept the invitation' }).click();
  await expect(page).toHaveURL(/\/b\/[0-9a-f-]{36}$/);
  await expect(page.getByText('Managed by Harbor Marketing', { exact: false }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: /^Open HighLevel/ })).toBeVisible();
  await expectNoBarriers(page);

  await page.getByText('Edit details').click();
  await page.getByLabel('Phone').fill('(305) 555-0123');
  await page.getByRole('button', { name: 'Save details' }).click();
  await expect(page.getByText('Details saved.').first()).toBeVisible();
  await expect(page.locator('main dd', { hasText: '+1 305-555-0123' })).toBeVisible();

  const colleague = `front-desk-${Date.now()}@seaside.test`;
  await page.getByLabel('Their email').fill(colleague);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByText(`Invitation sent to ${colleague}`, { exact: false }).first()).toBeVisible();
  await expect(page.locator('main li', { hasText: colleague })).toBeVisible();

  await signOut(page);
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1, name: 'This invitation was already used' })).toBeVisible();
  await expectNoBarriers(page);
});

test('an invitation is sent again and its link copied', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/team');
  const email = `copy-${Date.now()}@harbor.test`;
  const invite = page.locator('form[action="/do/invite_colleague"]');
  await invite.getByLabel('Email').fill(email);
  await invite.getByRole('button', { name: 'Send invitation' }).click();
  const line = page.locator('main tr', { hasText: email });
  await line.locator('summary').click();
  await line.getByRole('button', { name: 'Resend' }).click();
  await expect(page.getByText(`Invitation sent to ${email}`, { exact: false }).first()).toBeVisible();
  await line.locator('summary').click();
  await line.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.locator('main code', { hasText: '/invite/' })).toBeVisible();
  await expectNoBarriers(page);
});
