// Can everything be done without a mouse? From signing in to a client and back, with Tab, Enter and letters alone.
import { type Locator, type Page } from '@playwright/test';
import { unique } from '../clients';
import { expect, password, people, test } from '../fixtures';

/** Presses Tab until this has the focus, and sees that the focus shows. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  const focused = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 80; presses += 1) {
    if (await focused()) return;
    await page.keyboard.press(key);
  }
  expect(await focused(), `${target} is reached by ${key}`).toBe(true);
}

async function type(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

async function press(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  await tabTo(page, target, key);
  await page.keyboard.press('Enter');
}

test('a client is created and left again with the keyboard alone', async ({ page }) => {
  const name = unique('Keyboard Dental');
  await page.goto('/login');
  await type(page, page.getByLabel('Email'), people.maya);
  await type(page, page.getByLabel('Password', { exact: true }), password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/a\/harbor$/);

  // The first Tab offers to skip the menu.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await press(page, page.getByRole('link', { name: 'New client' }).last());
  await page.waitForURL(/\/provisioning\/new/);

  await type(page, page.getByLabel('Name of the business'), name);
  await tabTo(page, page.getByLabel('Country'));
  await page.keyboard.type('United States');
  await tabTo(page, page.getByLabel('Time zone'));
  await page.keyboard.type('America/New');
  await type(page, page.getByRole('textbox', { name: 'Email' }).first(), 'owner@keyboard.example');
  await press(page, page.getByRole('button', { name: 'Create client' }));
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

  // A step of the job, its output, and the way back.
  await press(page, page.getByRole('list', { name: 'Steps' }).getByRole('link', { name: /Check plan/ }));
  await page.waitForURL(/step=/);
  await press(page, page.getByRole('link', { name: 'Output', exact: true }));
  await page.waitForURL(/tab=output/);
  await press(page, page.getByLabel('Way back').getByRole('link', { name: 'Jobs' }), 'Shift+Tab');
  await page.waitForURL(/\/provisioning$/);
  await expect(page.getByRole('link', { name: new RegExp(name) })).toBeVisible();
});
