// Tests outgoing webhooks by clicking: an admin adds one, sees its secret once, sends a test that the simulator receives
// and verifies, follows a failure in the log, sends it again, replaces the secret and removes the webhook.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, type Simulator, test } from '../fixtures';

const webhooks = '/a/harbor/webhooks';

/** The entry of a webhook in the list. */
const entry = (page: Page, name: string) => page.locator('[data-live=endpoints] li', { hasText: name });

/** Tells a receiver of the simulator how to answer, and which secret signs. */
async function answer(simulator: Simulator, name: string, orders: unknown): Promise<void> {
  const told = await fetch(`${simulator.url}/_sim/hooks/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(orders),
  });
  expect(told.ok).toBe(true);
}

/** What a receiver of the simulator got. */
const got = (simulator: Simulator, name: string): Promise<any[]> => simulator.call('GET', `/_sim/hooks/${name}`);

test('an admin adds a webhook, tests it, follows a failure and sends it again', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const name = `crm-${Date.now().toString(36)}`;
  let secret = '';
  await signIn(page, 'maya');
  await page.goto('/a/harbor');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Webhooks' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Webhooks' })).toBeVisible();
  await expect(entry(page, 'Slack #onboarding')).toContainText('Slack');
  await expectNoBarriers(page);

  await test.step('an address inside a closed network is refused, and nothing typed is lost', async () => {
    await page.getByRole('link', { name: 'Add a webhook' }).click();
    await expectNoBarriers(page);
    await page.getByLabel('URL').fill('https://169.254.169.254/latest');
    await page.getByLabel(/^Description/).fill(name);
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await expect(page.getByText('Use a public address that begins with https://.').first()).toBeVisible();
    await expect(page.getByLabel(/^Description/)).toHaveValue(name);
  });

  await test.step('it is added, and its secret is shown once', async () => {
    await page.getByLabel('URL').fill(`${simulator.url}/_sim/hooks/${name}`);
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const shown = page.getByText(/^whsec_/).first();
    await expect(shown).toBeVisible();
    secret = ((await shown.textContent()) ?? '').trim();
    await expectNoBarriers(page);
    await page.goto(webhooks);
    await expect(page.getByText(/^whsec_/)).toHaveCount(0);
    await expect(entry(page, name)).toContainText('On');
  });

  await test.step('a test arrives with a signature that is right', async () => {
    await answer(simulator, name, { secret });
    await entry(page, name).getByRole('button', { name: 'Send test' }).click();
    await expect.poll(async () => (await got(simulator, name)).length).toBe(1);
    const [first] = await got(simulator, name);
    expect(first.signature).toBe('valid');
    expect(first.body.type).toBe('test');
  });

  await test.step('a failure is followed in the log and sent again', async () => {
    await answer(simulator, name, { secret, always: { status: 410, body: 'moved away' } });
    await page.goto(webhooks);
    await entry(page, name).getByRole('button', { name: 'Send test' }).click();
    await expect(entry(page, name)).toContainText('answered that it no longer exists (410)');
    await entry(page, name).getByRole('link', { name: 'Log' }).click();
    const failed = page.locator('main tbody tr', { hasText: '410' }).first();
    await expect(failed).toContainText('Failed');
    await failed.getByRole('link', { name: 'Details' }).click();
    await expect(page.getByText('moved away')).toBeVisible();
    await expectNoBarriers(page);
    await answer(simulator, name, { secret, forget: true });
    await page.goto(webhooks);
    await entry(page, name).getByRole('button', { name: 'Turn on' }).click();
    await entry(page, name).getByRole('link', { name: 'Log' }).click();
    await page.locator('main tbody tr', { hasText: '410' }).first().getByRole('button', { name: 'Send again' }).click();
    await expect.poll(async () => (await got(simulator, name)).length).toBe(1);
  });

  await test.step('the secret is replaced, and the old one signs too', async () => {
    await page.goto(webhooks);
    await entry(page, name).locator('summary', { hasText: 'New secret' }).click();
    await page.getByRole('button', { name: 'Rotate secret' }).click();
    await expect(page.getByText(/^whsec_/).first()).toBeVisible();
    await answer(simulator, name, { secret, forget: true });
    await entry(page, name).getByRole('button', { name: 'Send test' }).click();
    await expect.poll(async () => (await got(simulator, name)).length).toBe(1);
    const [rotated] = await got(simulator, name);
    expect(rotated).toMatchObject({ signature: 'valid', signatures: 2 });
  });

  await test.step('a phone shows all of it', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const address of [webhooks, `${webhooks}?new=json`, `${webhooks}?new=slack`]) {
      await page.goto(address);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step('it is removed', async () => {
    await page.goto(webhooks);
    await entry(page, name).locator('summary', { hasText: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove webhook' }).click();
    await expect(entry(page, name)).toHaveCount(0);
  });
});

test.describe('somebody without the right', () => {
  test.use({ expectedOnConsole: /status of 403/ });

  test('staff have no webhooks', async ({ page }) => {
    await signIn(page, 'noah');
    const answer = await page.goto(webhooks);
    expect(answer?.status()).toBe(403);
    await expect(page.getByRole('link', { name: 'Add a webhook' })).toHaveCount(0);
  });
});
