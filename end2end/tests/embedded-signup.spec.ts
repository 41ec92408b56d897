// Tests connecting WhatsApp in a window of Embedded Signup by clicking: every way in which it can end without a connection,
// messages that are none of Meta's, and the number that was set up, which nobody chooses a second time.
import { type Page } from '@playwright/test';
import { businessPath } from '../clients';
import { numbers, opened, settings, signUp as signUpBy, told } from '../embedded-signup';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';
import { OwnServer } from '../own-server';

// The simulator's pages log such errors.
test.use({ expectedOnConsole: /Failed to load resource/ });

const connect = (page: Page) => page.getByRole('link', { name: 'Connect WhatsApp' });
const signUp = (page: Page, number: string, ending: string) => signUpBy(connect(page), number, ending);

test('a business connects WhatsApp in a window that says which number was set up', async ({ page, context }) => {
  test.setTimeout(300_000);
  const server = await OwnServer.start('demo', settings);
  try {
    await signIn(page, 'maya', server.url);
    const connections = `${server.url}${await businessPath(page, 'Luna Yoga', server.url)}/integrations`;
    await page.goto(connections);
    const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'WhatsApp · Luna Yoga' }) });

    await test.step('who leaves hears where, and nothing changes', async () => {
      await signUp(page, numbers.luna, 'cancel');
      await expect(told(page)).toHaveText('You left Meta at the step “phone number setup”. Nothing was changed.');
      await expectNoBarriers(page);
      await signUp(page, numbers.luna, 'error');
      await expect(told(page)).toContainText('Your verified name violates WhatsApp guidelines.');
      await expect(told(page)).toContainText('(524126) Nothing was changed.');
      await signUp(page, numbers.luna, 'in_app');
      await expect(told(page)).toContainText('still in the WhatsApp Business app');
      await expect(page).toHaveURL(connections);
      await expect(connect(page)).toBeVisible();
      await expect(card).toHaveCount(0);
    });

    await test.step('without a code nothing is connected', async () => {
      await signUp(page, numbers.luna, 'finish_alone');
      await expect(told(page)).toBeEmpty();
      await expect(page).toHaveURL(connections);
      await signUp(page, numbers.luna, 'deny');
      await expect(page.getByText('You canceled at Meta. Nothing was changed.').first()).toBeVisible();
      await expect(card).toHaveCount(0);
    });

    await test.step('nobody else is heard', async () => {
      await page.goto(connections);
      const lie = JSON.stringify({ type: 'WA_EMBEDDED_SIGNUP', event: 'CANCEL', data: { current_step: 'A_LIE' } });
      await context.route('http://elsewhere.test/**', (route) => route.fulfill({ contentType: 'text/html', body: '<p>Elsewhere' }));
      const signup = await opened(connect(page));
      await signup.evaluate(() => location.assign('http://elsewhere.test/'));
      await expect(signup.getByText('Elsewhere')).toBeVisible();
      const sent = await signup.evaluate((text) => {
        window.opener?.postMessage(text, '*');
        return Boolean(window.opener);
      }, lie);
      expect(sent).toBe(true);
      await page.evaluate((text) => window.postMessage(text, '*'), lie);
      await page.evaluate(() => window.postMessage({ returned: '?code=AQ&state=x' }, '*'));
      await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
      await expect(told(page)).toBeEmpty();
      await expect(page).toHaveURL(connections);
      await signup.close();
    });

    await test.step('a window that says nothing leads to a choice', async () => {
      await signUp(page, numbers.bright, 'code_alone');
      await expect(page.getByRole('heading', { level: 1, name: 'Which number?' })).toBeVisible();
      await page.getByRole('button', { name: 'None of these' }).click();
      await expect(connect(page)).toBeVisible();
    });

    await test.step('a narrow page leaves for Meta itself', async () => {
      await page.setViewportSize({ width: 600, height: 900 });
      await connect(page).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Connect to Slipway' })).toBeVisible();
      await page.setViewportSize({ width: 1280, height: 720 });
      await page.goto(connections);
    });

    await test.step('the number that was set up is connected, however often the window says so', async () => {
      await signUp(page, numbers.luna, 'finish_twice');
      await expect(page.getByText('Luna Yoga is being connected.', { exact: false }).first()).toBeVisible();
      await expect(page).toHaveURL(new RegExp(`^${connections}(#.*)?$`));
      await expect(card.getByText('Subscribed to messages, done').first()).toBeVisible({ timeout: 60_000 });
    });
  } finally {
    await page.goto('about:blank').catch(() => undefined);
    await server.kill();
  }
});
