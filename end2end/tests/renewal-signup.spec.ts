// Tests a renewal link in the window of Embedded Signup by clicking: somebody without an account leaves the window, sets another
// number up, then the number of the link, which works again, and the link works no more.
import { businessPath } from '../clients';
import { numbers, settings, signUp, told } from '../embedded-signup';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';
import { OwnServer } from '../own-server';

test('somebody without an account reconnects a number in a window', async ({ page, browser, simulator }) => {
  test.setTimeout(300_000);
  const server = await OwnServer.start('demo', settings);
  const context = await browser.newContext();
  try {
    await signIn(page, 'maya', server.url);
    const connections = `${server.url}${await businessPath(page, 'Luna Yoga', server.url)}/integrations`;
    const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'WhatsApp · Luna Yoga' }) });

    // The token dies with all that cover the number, those of other servers included: journeys that send run before this one.
    await test.step('a number is connected, and its access ends', async () => {
      await page.goto(connections);
      await signUp(page.getByRole('link', { name: 'Connect WhatsApp' }), numbers.luna, 'finish');
      await expect(card.getByText('Subscribed to messages, done').first()).toBeVisible({ timeout: 60_000 });
      await simulator.call('POST', '/_sim/meta/expire', { what: 'token', account: numbers.luna, subcode: 463 });
      await card.getByRole('link', { name: 'Check connection' }).click();
      await card.getByRole('button', { name: 'Check again' }).click();
      await expect(card.getByText('Expired', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    });

    const link = await test.step('the agency makes a link', async () => {
      await page.goto(connections);
      await card.getByRole('button', { name: 'Create renewal link' }).click();
      await expect(page.getByText('Send this link to the account manager')).toBeVisible();
      return (await page.locator('code', { hasText: '/renew/' }).textContent())!.trim();
    });

    const outside = await context.newPage();
    const reconnect = outside.getByRole('link', { name: 'Reconnect WhatsApp' });
    await test.step('who leaves the window hears where, and nothing changes', async () => {
      await outside.goto(link);
      await signUp(reconnect, numbers.luna, 'cancel');
      await expect(told(outside)).toHaveText('You left Meta at the step “phone number setup”. Nothing was changed.');
      await expect(outside).toHaveURL(link);
      await expectNoBarriers(outside);
    });

    await test.step('another number stops', async () => {
      await signUp(reconnect, numbers.bright, 'finish');
      await expect(outside.getByRole('heading', { level: 1, name: 'Not reconnected' })).toBeVisible();
      await expect(outside.getByText('You consented for another account than Luna Yoga', { exact: false }).first()).toBeVisible();
    });

    await test.step('a narrow page leaves for Meta itself', async () => {
      await outside.setViewportSize({ width: 600, height: 900 });
      await outside.goto(link);
      await reconnect.click();
      await expect(outside.getByRole('heading', { level: 1, name: 'Connect to Slipway' })).toBeVisible();
      await outside.setViewportSize({ width: 1280, height: 720 });
    });

    await test.step('the number of the link is reconnected once', async () => {
      await outside.goto(link);
      await signUp(reconnect, numbers.luna, 'finish_twice');
      await expect(outside.getByRole('heading', { level: 1, name: 'Thank you' })).toBeVisible();
      await expect(outside.getByText('Luna Yoga is being reconnected.', { exact: false }).first()).toBeVisible();
      await outside.goto(link);
      await expect(outside.getByText('no longer works', { exact: false }).first()).toBeVisible();
      await page.goto(connections);
      await expect(card.getByText('Subscribed to messages, done').first()).toBeVisible({ timeout: 60_000 });
    });
  } finally {
    await context.close();
    await page.goto('about:blank').catch(() => undefined);
    await server.kill();
  }
});
