// Tests the renewal link by clicking: a channel's access ends, an answer waits, the agency makes a link, somebody without an
// account reconnects the channel with it, the answer arrives, and the link works no more.
import { type Page } from '@playwright/test';
import { businessPath, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test, type Simulator } from '../fixtures';

// The simulator's pages and a link that is over log such errors.
test.use({ expectedOnConsole: /Failed to load resource/ });

/** The number of Luna Yoga in the simulator. */
const number = '106540000000003';

const writes = (simulator: Simulator, customer: string, text: string) =>
  simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', account: number, customer, text });

/** Luna Yoga's card of WhatsApp. */
const cardOf = (page: Page) =>
  page.locator('section.card', { has: page.getByRole('heading', { name: 'WhatsApp · Luna Yoga' }) });

/** Opens the connections of Luna Yoga, whose WhatsApp works afterwards. */
async function connected(page: Page, simulator: Simulator, customer: string): Promise<string> {
  const luna = await businessPath(page, 'Luna Yoga');
  await page.goto(`${luna}/integrations`);
  const connect = page.getByRole('link', { name: /^(Connect|Reconnect) WhatsApp$/ });
  if (await connect.count()) {
    await connect.first().click();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('button', { name: /^Connect this one ?: Luna Yoga$/ }).click();
    await expect(cardOf(page).getByText('Subscribed to messages, done')).toBeVisible({ timeout: 60_000 });
  }
  await writes(simulator, customer, 'Is there a class tonight?');
  await expect(cardOf(page).getByText('Working', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  return luna;
}

test('somebody without an account reconnects a channel with a link', async ({ page, browser, simulator }) => {
  test.setTimeout(300_000);
  const customer = unique('Rena Newal');
  await signIn(page, 'maya');
  const luna = await connected(page, simulator, customer);

  // The person's token dies with all that it covers, the demo's other number included: journeys that send run before this one.
  await test.step('the access ends, and an answer waits', async () => {
    await simulator.call('POST', '/_sim/meta/expire', { what: 'token', account: number, subcode: 463 });
    await page.goto(`${luna}/inbox`);
    await page.locator('.inbox-line', { hasText: customer }).click();
    await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
    await page.getByLabel('Your message').fill('Yes, at seven.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('log', { name: 'Messages' })).toContainText('Yes, at seven.');
    await page.goto(`${luna}/integrations`);
    await expect(cardOf(page).getByText('Expired', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
  });

  await test.step('the doctor says what is wrong', async () => {
    await cardOf(page).getByRole('link', { name: 'Check connection' }).click();
    const doctor = cardOf(page).getByRole('region', { name: 'Connection check' });
    await expect(doctor.getByRole('listitem')).toHaveCount(10);
    await expect(doctor.getByRole('listitem').first()).toContainText('Access: problem');
    await expect(doctor).toContainText('Messages are held until the channel works');
    await expectNoBarriers(page);
    await doctor.getByRole('link', { name: 'Close the check' }).click();
  });

  const link = await test.step('the agency makes a link', async () => {
    await cardOf(page).getByRole('button', { name: 'Create renewal link' }).click();
    await expect(page.getByText('Send this link to the account manager')).toBeVisible();
    await expectNoBarriers(page);
    await expect(cardOf(page).getByText('Renewal link active until')).toBeVisible();
    return (await page.locator('code', { hasText: '/renew/' }).textContent())!.trim();
  });

  const context = await browser.newContext({ baseURL: process.env.BASE_URL });
  const outside = await context.newPage();
  await test.step('its holder reconnects the channel', async () => {
    await outside.goto(new URL(link).pathname);
    await expect(outside.getByRole('heading', { level: 1, name: 'Reconnect WhatsApp for Luna Yoga' })).toBeVisible();
    await expectNoBarriers(outside);
    await outside.getByRole('link', { name: 'Reconnect WhatsApp' }).click();
    await outside.getByRole('button', { name: 'Allow' }).click();
    await expect(outside.getByRole('heading', { level: 1, name: 'Thank you' })).toBeVisible();
    await expectNoBarriers(outside);
  });

  await test.step('the answer arrives, and the link works no more', async () => {
    await page.goto(`${luna}/inbox`);
    await page.locator('.inbox-line', { hasText: customer }).click();
    const answer = page.getByRole('log', { name: 'Messages' }).locator('li', { hasText: 'Yes, at seven.' });
    await expect(answer.locator('[data-status]')).toHaveText(/Delivered|Read/, { timeout: 90_000 });
    await outside.goto(new URL(link).pathname);
    await expect(outside.getByRole('heading', { level: 1, name: 'No longer available' })).toBeVisible();
    await expect(outside.getByText('no longer works', { exact: false }).first()).toBeVisible();
    await context.close();
  });
});
