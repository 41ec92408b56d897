// Tests scheduled messages by clicking: an answer is scheduled by the clock of the business, gets another time after a warning,
// is sent at once, and another one is canceled. A template is scheduled for a time at which nothing else may be sent.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

/** What the clock of the demo's business shows so many hours from now, as a browser writes it. */
const ahead = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toLocaleString('sv-SE', { timeZone: 'America/New_York' }).replace(' ', 'T').slice(0, 16);

/** What waits in the opened conversation, or on the page of all. */
const waiting = (page: Page, text: string) => page.locator('[data-scheduled]', { hasText: text });

/** The messages of the opened conversation. */
const log = (page: Page) => page.getByRole('log', { name: 'Messages' });

async function schedule(page: Page, text: string, hours: number): Promise<void> {
  await page.getByLabel('Your message').fill(text);
  const fold = page.locator('details', { has: page.getByLabel('Date and time') });
  if ((await fold.getAttribute('open')) === null) await page.locator('summary', { hasText: 'Send later' }).click();
  await page.getByLabel('Date and time').fill(ahead(hours));
  await page.getByRole('button', { name: 'Schedule', exact: true }).click();
}

test('an answer is scheduled, moved, sent at once and canceled', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const number = Date.now() % 1_000_000;
  const [customer, first, second] = [`Lena Later ${number}`, `We call you tomorrow (${number}).`, `Never mind (${number}).`];
  await signIn(page, 'owner');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Inbox' }).click();
  await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: 'When do you call?' });
  await page.locator('.inbox-line', { hasText: customer }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
  const conversation = page.url();

  await test.step('it waits below the messages and is not sent', async () => {
    await schedule(page, first, 3);
    await expect(page.getByText('Scheduled for').first()).toBeVisible();
    await expect(waiting(page, first)).toContainText('Scheduled for');
    await expect(log(page).locator('.inbox-out', { hasText: first })).toHaveCount(0);
    await expect(page.getByLabel('Your message')).toHaveValue('');
    await expectNoBarriers(page);
  });

  await test.step('a time after the window needs a second word', async () => {
    await waiting(page, first).getByRole('link', { name: 'Edit time' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Scheduled' })).toBeVisible();
    await page.getByLabel('Date and time').fill(ahead(30));
    await page.getByRole('button', { name: 'Save time' }).click();
    await expect(page.getByText('The reply window will be closed by then.').first()).toBeVisible();
    await page.getByLabel('Date and time').fill(ahead(30));
    await page.getByLabel('Schedule anyway').check();
    await page.getByRole('button', { name: 'Save time' }).click();
    await expect(waiting(page, first)).toContainText('only if the customer writes again');
    await expectNoBarriers(page);
  });

  await test.step('it is sent at once and arrives', async () => {
    await page.goto(conversation);
    await waiting(page, first).getByRole('button', { name: 'Send now' }).click();
    const sent = log(page).locator('li', { hasText: first });
    await expect(sent.locator('[data-status]')).toHaveText(/Sent|Delivered|Read/, { timeout: 60_000 });
    await expect(waiting(page, first)).toHaveCount(0);
  });

  await test.step('another one is canceled', async () => {
    await schedule(page, second, 4);
    await waiting(page, second).getByRole('button', { name: 'Cancel' }).click();
    await expect(page.getByText('Scheduled message canceled.').first()).toBeVisible();
    await expect(waiting(page, second)).toHaveCount(0);
  });

  await test.step('templates can be chosen for a later time', async () => {
    await page.locator('summary', { hasText: 'Send later' }).click();
    await page.getByRole('link', { name: 'Schedule a template' }).click();
    await expect(page.getByRole('heading', { name: `Schedule a template for ${customer}` })).toBeVisible();
    await expectNoBarriers(page);
  });
});
