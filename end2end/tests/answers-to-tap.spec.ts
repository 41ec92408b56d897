// Tests answers to tap by clicking: a person puts answers below a message, the customer taps one, and it stands in the thread.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test('a customer answers with one tap', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = `Tom Tap ${Date.now() % 1_000_000}`;
  const log = page.getByRole('log', { name: 'Messages' });
  await signIn(page, 'owner');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Inbox' }).click();
  await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: 'When can I come?' });
  await page.locator('.inbox-line', { hasText: customer }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
  await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');

  await test.step('what does not fit is refused, and nothing typed is lost', async () => {
    await page.getByLabel('Your message').fill('Which day suits you?');
    await page.locator('summary', { hasText: 'Reply buttons' }).click();
    await page.getByLabel('Reply buttons').fill('Monday\nMonday');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.getByText('Two reply buttons are the same.').first()).toBeVisible();
    await expect(page.getByLabel('Your message')).toHaveValue('Which day suits you?');
    await expect(page.getByLabel('Reply buttons')).toHaveValue('Monday\nMonday');
    await expectNoBarriers(page);
    await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: 'Or next week?' });
    await expect(log).toContainText('Or next week?', { timeout: 60_000 });
    await expect(page.getByLabel('Your message')).toHaveValue('Which day suits you?');
  });

  await test.step('they stand below the message, which arrives', async () => {
    await page.getByLabel('Reply buttons').fill('Monday\nFriday');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    const sent = log.locator('li.inbox-out', { hasText: 'Which day suits you?' });
    await expect(sent.locator('[data-choices]')).toContainText('Friday');
    await expect(sent.locator('[data-status]')).toHaveText(/Delivered|Read/, { timeout: 60_000 });
  });

  await test.step('the one that the customer taps stands in the thread', async () => {
    await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, kind: 'button_reply', text: 'Friday', payload: '2' });
    await expect(log.locator('li.inbox-in', { hasText: 'Friday' })).toBeVisible({ timeout: 60_000 });
  });
});
