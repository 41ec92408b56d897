// Tests connecting channels of a business by clicking: a consent that is refused, one that brings several accounts, the
// checklist that fills by itself until the first message proves the connection, and what stays when it is disconnected.
import { type Page } from '@playwright/test';
import { businessPath, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test, type Simulator } from '../fixtures';

// The simulator's pages log such errors.
test.use({ expectedOnConsole: /Failed to load resource/ });

/** The number of Luna Yoga in the simulator. */
const number = '106540000000003';

/** Lets a customer write to the number of Luna Yoga. */
const writes = (simulator: Simulator, customer: string, text: string) =>
  simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', account: number, customer, text });

/** Goes to Meta's consent page for a channel and decides there. */
async function consent(page: Page, channel: string, decision: 'Allow' | 'Deny'): Promise<void> {
  await page.getByRole('link', { name: new RegExp(`^(Connect|Reconnect) ${channel}$`) }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Connect to Slipway' })).toBeVisible();
  await page.getByRole('button', { name: decision }).click();
}

/** Chooses one of the accounts that a consent brought. */
const choose = (page: Page, account: string) =>
  page.getByRole('button', { name: new RegExp(`^Connect this one ?: ${account}$`) }).click();

test('a business connects WhatsApp, and the first message proves it', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  await signIn(page, 'maya');
  const luna = await businessPath(page, 'Luna Yoga');
  const connections = `${luna}/integrations`;
  await page.goto(connections);
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'WhatsApp · Luna Yoga' }) });
  await expect(page.getByRole('heading', { level: 2, name: 'Messaging' })).toBeVisible();
  await expectNoBarriers(page);

  await test.step('a refused consent changes nothing and says so', async () => {
    await consent(page, 'WhatsApp', 'Deny');
    await expect(page).toHaveURL(new RegExp(`${connections}(#.*)?$`));
    await expect(page.getByText('You canceled at Meta. Nothing was changed.').first()).toBeVisible();
    await expect(page.getByRole('link', { name: 'Connect WhatsApp' })).toBeVisible();
    await expect(card).toHaveCount(0);
  });

  await test.step('a number of another business is refused', async () => {
    await consent(page, 'WhatsApp', 'Allow');
    await expect(page.getByRole('heading', { level: 1, name: 'Which number?' })).toBeVisible();
    await expectNoBarriers(page);
    await choose(page, 'Bright Dental');
    await expect(page.getByText('connected to another business here', { exact: false }).first()).toBeVisible();
  });

  await test.step('the checklist fills up to the first message', async () => {
    await page.goto(connections);
    await consent(page, 'WhatsApp', 'Allow');
    await choose(page, 'Luna Yoga');
    await expect(page.getByText('Luna Yoga is being connected.', { exact: false }).first()).toBeVisible();
    const list = card.getByRole('list', { name: 'Connecting' });
    await expect(list.getByText('Number registered, done')).toBeVisible({ timeout: 60_000 });
    await expect(list.getByText('Subscribed to messages, done')).toBeVisible({ timeout: 60_000 });
    await expect(card.getByText('to +1 555-010-0003 on WhatsApp', { exact: false })).toBeVisible();
    await expect(card.getByText('Connecting', { exact: true }).first()).toBeVisible();
    await expectNoBarriers(page);
  });

  const customer = unique('Mia Mat');
  await test.step('a customer writes, and the card says that it works', async () => {
    await writes(simulator, customer, 'Is there a class tonight?');
    await expect(card.getByText('Working', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    await expect(card.getByRole('list', { name: 'Connecting' })).toHaveCount(0);
    await expectNoBarriers(page);
    await card.getByRole('link', { name: 'Open inbox' }).click();
    await expect(page.locator('.inbox-line', { hasText: customer })).toBeVisible();
  });

  await test.step('a disconnected channel keeps its conversations', async () => {
    await page.goto(connections);
    await card.locator('summary', { hasText: 'Disconnect' }).click();
    await card.locator('form[action="/do/disconnect_channel"]').getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByText('Disconnected. Your conversations are kept.').first()).toBeVisible();
    await expect(card.getByText('Disconnected', { exact: true }).first()).toBeVisible();
    await page.goto(`${luna}/inbox`);
    await expect(page.locator('.inbox-line', { hasText: customer })).toBeVisible();
  });

  await test.step('connected again it goes on with them', async () => {
    await page.goto(connections);
    await consent(page, 'WhatsApp', 'Allow');
    await choose(page, 'Luna Yoga');
    await expect(card.getByText('Subscribed to messages, done').first()).toBeVisible({ timeout: 60_000 });
    await writes(simulator, customer, 'And tomorrow?');
    await expect(card.getByText('Working', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    await page.goto(`${luna}/inbox`);
    await expect(page.locator('.inbox-line', { hasText: customer })).toHaveCount(1);
    await page.locator('.inbox-line', { hasText: customer }).click();
    const log = page.getByRole('log', { name: 'Messages' });
    await expect(log).toContainText('Is there a class tonight?');
    await expect(log).toContainText('And tomorrow?');
  });
});

test('a page whose messages the person does not manage cannot be chosen', async ({ page }) => {
  await signIn(page, 'maya');
  const connections = `${await businessPath(page, 'Luna Yoga')}/integrations`;
  await page.goto(connections);
  await consent(page, 'Messenger', 'Allow');
  await expect(page.getByRole('heading', { level: 1, name: 'Which page?' })).toBeVisible();
  const line = page.locator('main li', { hasText: 'Cedar Dental' });
  await expect(line).toContainText("You can't manage messages for this page.");
  await expect(line.getByRole('button')).toHaveCount(0);
  await expectNoBarriers(page);
  await page.getByRole('button', { name: 'None of these' }).click();
  await expect(page.getByText('Nothing was connected.').first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Connect Messenger' })).toBeVisible();
});

test('an owner finds the channel of the demo world at work', async ({ page }) => {
  await signIn(page, 'owner');
  const root = new URL(page.url()).pathname.replace(/\/$/, '');
  await page.goto(`${root}/integrations`);
  const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'WhatsApp · Bright Dental' }) });
  await expect(card.getByText('Working', { exact: true }).first()).toBeVisible();
  await expect(card.getByText('+1 555-010-0001')).toBeVisible();
  await page.goto(`${root}/inbox`);
  await expect(page.locator('.inbox-line', { hasText: 'Ada Example' })).toBeVisible();
  await expect(page.locator('.inbox-line', { hasText: 'Zoë Möller' })).toContainText('Tess Moreau');
  await page.goto(`${root}/inbox?view=closed`);
  await expect(page.locator('.inbox-line', { hasText: 'Bo Sample' })).toBeVisible();
});
