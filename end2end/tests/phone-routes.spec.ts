// Tests phone routing by clicking: an admin points a number at a client, tests it inside and outside its hours, switches
// it off and removes it. Staff see the numbers and change none.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

const routing = '/a/harbor/phone-routes';

/** A number as lists show it. */
const shown = (number: string) => number.replace(/^\+1(\d{3})(\d{3})/, '+1 $1-$2-');

/** The line of a number in the list. */
const line = (page: Page, number: string) => page.locator('main tbody tr', { hasText: shown(number) });

/** Asks the tester where a call goes. */
async function testCall(page: Page, number: string, when: string): Promise<void> {
  await page.getByLabel('Number called').fill(number);
  await page.getByLabel('Local time of the call').fill(when);
  await page.getByRole('button', { name: 'Test call' }).click();
  await expect(page).toHaveURL(/[?&]number=/);
}

/** Expects that nothing on the page is wider than a phone. */
async function expectNarrow(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
}

test('an admin points a number at a client, tests it, switches it off and removes it', async ({ page }) => {
  test.setTimeout(300_000);
  const number = `+1305555${2000 + (Date.now() % 8000)}`;
  await signIn(page, 'maya');
  await page.goto('/a/harbor');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Phone routing' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Phone routing' })).toBeVisible();
  await expect(line(page, '+13055550100')).toContainText('Bright Dental');
  await expectNoBarriers(page);

  await test.step('a number is added', async () => {
    await page.getByRole('link', { name: 'Add a number' }).click();
    await expectNoBarriers(page);
    await page.getByLabel('Phone number').fill(`${number.slice(2, 5)}-${number.slice(5, 8)}-${number.slice(8)}`);
    await page.getByLabel('Client', { exact: true }).selectOption({ label: 'Luna Yoga' });
    await page.getByLabel(/^Time zone/).fill('Chicago');
    await page.getByLabel(/^Overflow/).selectOption({ label: 'Summit Realty' });
    await page.getByRole('button', { name: 'Add number' }).click();
    await expect(page.getByText(`Calls to ${shown(number)} go to Luna Yoga now.`).first()).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`${routing}$`));
    await expect(line(page, number)).toContainText('Luna Yoga');
  });

  await test.step('inside its hours the client gets the call, outside the overflow', async () => {
    await testCall(page, number, '2026-03-11T10:00');
    await expect(page.getByText('goes to Luna Yoga', { exact: true })).toBeVisible();
    await expect(page.getByText('Luna Yoga is open on Wednesday, Mar 11 at 10:00 AM (Central Time – Chicago).')).toBeVisible();
    await testCall(page, number, '2026-03-14T03:00');
    await expect(page.getByText('goes to Summit Realty', { exact: true })).toBeVisible();
    await expect(page.getByText('Luna Yoga is closed on Saturday, Mar 14 at 3:00 AM (Central Time – Chicago).')).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('the same number is refused, and nothing typed is lost', async () => {
    await page.goto(`${routing}?new=1`);
    await page.getByLabel('Phone number').fill(number);
    await page.getByLabel('Client', { exact: true }).selectOption({ label: 'Bright Dental' });
    await page.getByLabel(/^Label/).fill('Second line');
    await page.getByRole('button', { name: 'Add number' }).click();
    await expect(page.getByText('This number goes to Luna Yoga already.', { exact: false }).first()).toBeVisible();
    await expect(page.getByLabel('Phone number')).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel(/^Label/)).toHaveValue('Second line');
  });

  await test.step('it is changed', async () => {
    await page.goto(routing);
    await line(page, number).getByRole('link', { name: 'Edit' }).click();
    await expect(page.getByLabel('Phone number')).toHaveValue(number);
    await page.getByLabel('Friday closes', { exact: true }).first().fill('12:00');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await expect(page.getByText(`Saved. It applies from the next call to ${shown(number)} on.`).first()).toBeVisible();
    await testCall(page, number, '2026-03-13T13:00');
    await expect(page.getByText('goes to Summit Realty', { exact: true })).toBeVisible();
  });

  await test.step('a phone shows all of it', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNarrow(page);
    await page.goto(`${routing}?new=1`);
    await expectNarrow(page);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step('it is switched off, and its calls go to the default client', async () => {
    await page.goto(routing);
    await line(page, number).getByRole('button', { name: 'Turn off' }).click();
    await expect(line(page, number)).toContainText('Off');
    await testCall(page, number, '2026-03-11T10:00');
    await expect(page.getByText('goes to Summit Realty', { exact: true })).toBeVisible();
    await expect(page.getByText('The route of this number is switched off.').first()).toBeVisible();
  });

  await test.step('it is removed', async () => {
    await page.goto(routing);
    await line(page, number).locator('summary', { hasText: 'Remove' }).click();
    await page.getByRole('button', { name: `Remove ${shown(number)}` }).click();
    await expect(page.getByText(`${shown(number)} no longer has a route.`).first()).toBeVisible();
    await expect(line(page, number)).toHaveCount(0);
  });
});

test('staff see where calls go and change nothing', async ({ page }) => {
  await signIn(page, 'noah');
  await page.goto(`${routing}?new=1`);
  await expect(page.getByRole('heading', { level: 1, name: 'Phone routing' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^(Add number|Switch|Save)/ })).toHaveCount(0);
  await expect(page.locator('main').getByText(/^(Add a number|Edit|Remove)$/)).toHaveCount(0);
  await testCall(page, '+13055550199', '2026-03-11T10:00');
  await expect(page.getByText('You see the routes of the clients assigned to you.', { exact: false })).toBeVisible();
  await expectNoBarriers(page);
});
