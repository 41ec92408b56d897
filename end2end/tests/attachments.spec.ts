// Tests files of an answer by clicking: a person attaches a picture and a text file, both stand in the thread and reach the
// customer's phone; what the channel does not take is refused in words and the text stays.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test, type Simulator } from '../fixtures';

/** The smallest picture. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** A customer whom nobody has met, so that each run has a conversation of its own. */
const somebody = (name: string) => `${name} ${Date.now() % 1_000_000}`;

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });

/** Lets a customer write, and opens the conversation. */
async function opened(page: Page, simulator: Simulator, customer: string): Promise<void> {
  await signIn(page, 'owner');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Inbox' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
  await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: 'What does it look like?' });
  await page.locator('.inbox-line', { hasText: customer }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
}

test('a person answers with a picture and a file, and both arrive', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  await opened(page, simulator, somebody('Paula Picture'));
  await expectNoBarriers(page);
  await page.getByLabel('Your message').fill('Like this.');
  await page.locator('input[name="files"]').setInputFiles([
    { name: 'tooth.png', mimeType: 'image/png', buffer: PICTURE },
    { name: 'prices.txt', mimeType: 'text/plain', buffer: Buffer.from('A cleaning costs $80.') },
  ]);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(log(page).locator('.inbox-out', { hasText: 'Like this.' })).toBeVisible();
  await expect(log(page).locator('.inbox-out img[alt="tooth.png"]')).toBeVisible();
  await expect(log(page).getByRole('link', { name: 'prices.txt' })).toBeVisible();
  for (const message of await log(page).locator('.inbox-out').all()) {
    await expect(message.locator('[data-status]')).toHaveText(/Delivered|Read/, { timeout: 60_000 });
  }
  await expectNoBarriers(page);
});

test('a file that the channel does not take is refused, and the text stays', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  await opened(page, simulator, somebody('Rita Refused'));
  await page.getByLabel('Your message').fill('Please run this.');
  const program = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), Buffer.alloc(64)]);
  await page.locator('input[name="files"]').setInputFiles({ name: 'run.png', mimeType: 'image/png', buffer: program });
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.locator('.form-errors')).toContainText('does not take this kind of file: run.png');
  await expect(page.getByLabel('Your message')).toHaveValue('Please run this.');
  await expect(log(page).locator('.inbox-out')).toHaveCount(0);
});
