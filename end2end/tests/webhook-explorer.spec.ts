// Tests incoming webhooks by clicking: a customer writes, the agency finds the event, sees what became of it and opens its
// conversation; the platform sees the same event without a word of the customer.
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

test('an agency follows an event to its conversation, and the platform reads no words', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = `Ivy Explorer ${Date.now() % 1_000_000}`;
  const words = 'Is the side entrance open on Sunday?';
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: words });
  await signIn(page, 'maya');
  await page.goto('/a/harbor/connections');
  await page.getByRole('link', { name: 'Incoming webhooks', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Incoming webhooks' })).toBeVisible();
  const first = page.getByRole('row').filter({ hasText: 'Processed' }).getByRole('link', { name: 'Message', exact: true }).first();
  await expect(async () => {
    await page.goto('/a/harbor/connections/incoming?kind.is=message&view=processed');
    await first.click({ timeout: 2_000 });
    await page.getByRole('link', { name: 'Open conversation' }).waitFor({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText('Its content is in the conversation.')).toBeVisible();
  await expect(page.getByText(words)).toHaveCount(0);
  await expectNoBarriers(page);
  await page.getByRole('link', { name: 'Open conversation' }).click();
  await expect(page).toHaveURL(/\/b\/[^/]+\/inbox\/[0-9a-f-]{36}$/);

  await signOut(page);
  await signIn(page, 'admin');
  await page.goto('/admin/incoming?kind.is=message');
  await page.getByRole('row').getByRole('link', { name: 'Message', exact: true }).first().click();
  await expect(page.locator('#event')).toContainText('Harbor Marketing');
  await expect(page.getByText(words)).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Open conversation' })).toHaveCount(0);
  await expectNoBarriers(page);
});
