// Tests contacts by clicking: an owner finds somebody who writes on WhatsApp and on Instagram, makes one contact of the two, reads
// both conversations there, and takes it back.
import { type Page } from '@playwright/test';
import { unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

// The simulator's pages log such errors.
test.use({ expectedOnConsole: /Failed to load resource/ });

/** The Instagram account of Bright Dental in the simulator. */
const account = '17841400000000001';

/** Connects the Instagram account of Bright Dental. */
async function connectInstagram(page: Page, root: string): Promise<void> {
  await page.goto(`${root}/integrations`);
  await page.getByRole('link', { name: /^(Connect|Reconnect) Instagram$/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Connect to Slipway' })).toBeVisible();
  await page.getByRole('button', { name: 'Allow' }).click();
  const choice = page.getByRole('button', { name: /^Connect this one ?: .*bright/i });
  await expect(page.getByText('is being connected', { exact: false }).or(choice).first()).toBeVisible();
  if ((await choice.count()) > 0) {
    await choice.first().click();
    await expect(page.getByText('is being connected', { exact: false }).first()).toBeVisible();
  }
  // Before that Meta tells us nothing of what customers write.
  await expect(page.getByText('Subscribed to messages, done').first()).toBeVisible({ timeout: 60_000 });
}

/** Opens the contact of the conversation that shows this text. Returns its address. */
async function openContact(page: Page, root: string, text: string): Promise<string> {
  await page.goto(`${root}/inbox`);
  await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
  await page.locator('.inbox-line', { hasText: text }).click({ timeout: 60_000 });
  await page.getByRole('link', { name: 'Channels, conversations and merging' }).click();
  await page.waitForURL(/\/contacts\/[0-9a-f-]{36}$/);
  return page.url();
}

test('two contacts of one person become one, and two again', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = unique('Carla Contact');
  const other = unique('Salon Carla');
  const [asked, more] = [unique('Is Friday free'), unique('I wrote you on WhatsApp')];
  await signIn(page, 'owner');
  const root = new URL(page.url()).pathname.replace(/\/$/, '');
  await connectInstagram(page, root);
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: asked });
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'instagram', account, customer, text: more });

  const instagram = await test.step('the contact on Instagram gets a name', async () => {
    const address = await openContact(page, root, more);
    await page.locator('summary', { hasText: 'Edit contact' }).click();
    await page.getByLabel(/^Name/).fill(other);
    await page.getByRole('button', { name: 'Save contact' }).click();
    await expect(page.getByRole('heading', { level: 1, name: other })).toBeVisible();
    await expectNoBarriers(page);
    return address;
  });

  await test.step('a search finds the contact on WhatsApp', async () => {
    await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Contacts' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Contacts' })).toBeVisible();
    await expectNoBarriers(page);
    await page.getByRole('searchbox', { name: 'Search names' }).fill(customer);
    await expect(page.getByRole('main').getByRole('link', { name: other })).toHaveCount(0);
    await page.getByRole('main').getByRole('link', { name: customer }).click();
    await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
  });
  const whatsapp = page.url();

  await test.step('Find knows it, too, and its page fits on a phone', async () => {
    await page.goto(root);
    await expect(page.locator('html[data-hydrated]')).toBeAttached();
    await page.keyboard.press('Control+k');
    const find = page.getByRole('dialog', { name: 'Find' });
    await find.getByRole('searchbox').fill(customer);
    await find.locator('[data-live=found]').getByRole('link', { name: customer }).click();
    await page.waitForURL(whatsapp);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step('the other one becomes part of it', async () => {
    await page.getByRole('link', { name: 'Merge with another contact' }).click();
    await page.getByRole('searchbox', { name: 'Search names' }).fill(other);
    await page.getByRole('main').getByRole('link', { name: other }).click();
    await expect(page.getByRole('heading', { name: `${other} becomes part of ${customer}` })).toBeVisible();
    await expectNoBarriers(page);
    await page.getByRole('button', { name: 'Merge contacts' }).click();
    await expect(page.getByText('The contacts are merged.').first()).toBeVisible();
    const main = page.getByRole('main');
    await expect(main.getByText(asked)).toBeVisible();
    await expect(main.getByText(more)).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('it is taken back', async () => {
    await page.goto(whatsapp);
    await page.locator('summary', { hasText: 'Undo merge' }).click();
    await page.getByRole('main').getByRole('button', { name: 'Undo merge' }).click();
    await expect(page.getByText('The merge is undone.').first()).toBeVisible();
    await expect(page.getByRole('main').getByText(more)).toHaveCount(0);
    await page.goto(instagram);
    await expect(page.getByRole('heading', { level: 1, name: other })).toBeVisible();
    await expect(page.getByRole('main').getByText(more)).toBeVisible();
  });
});
