// Tests snippets by clicking: a person keeps a text, puts it into an answer, sends it, and the form is empty afterwards.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test('a snippet is kept, put into an answer and removed', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const number = Date.now() % 1_000_000;
  const [customer, name, text] = [`Sara Snippet ${number}`, `Way ${number}`, `Turn left at the bakery (${number}).`];
  await signIn(page, 'owner');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Inbox' }).click();
  await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: 'How do I find you?' });
  await page.locator('.inbox-line', { hasText: customer }).click({ timeout: 60_000 });
  await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
  const conversation = page.url();

  await test.step('it is kept', async () => {
    await page.locator('summary', { hasText: 'Snippets' }).click();
    await page.getByRole('link', { name: 'Manage snippets' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Snippets' })).toBeVisible();
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByLabel('Text', { exact: true }).fill(text);
    await page.getByRole('button', { name: 'Add snippet' }).click();
    await expect(page.getByText('Snippet saved.').first()).toBeVisible();
    await expect(page.getByText(name).first()).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('it stands in the form, goes out, and the form is empty again', async () => {
    await page.goto(conversation);
    await page.locator('summary', { hasText: 'Snippets' }).click();
    await page.getByRole('link', { name }).click();
    await expect(page.getByLabel('Your message')).toHaveValue(text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.getByRole('log', { name: 'Messages' }).locator('.inbox-out', { hasText: text })).toBeVisible();
    await expect(page.getByLabel('Your message')).toHaveValue('');
  });

  await test.step('it is removed', async () => {
    await page.goto(new URL('../snippets', conversation).href);
    const line = page.locator('li', { hasText: name });
    await line.locator('summary', { hasText: 'Delete snippet' }).click();
    await line.getByRole('button', { name: 'Delete snippet' }).click();
    await expect(page.getByText('Snippet deleted.').first()).toBeVisible();
    await expect(page.locator('li', { hasText: name })).toHaveCount(0);
  });
});
