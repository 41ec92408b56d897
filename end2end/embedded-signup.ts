// Plays WhatsApp's Embedded Signup in tests, in the window that a link of ours opens.
import { expect, type Locator, type Page } from '@playwright/test';

/** The numbers of Bright Dental, whose account has another one, and of Luna Yoga in the simulator. */
export const numbers = { bright: '106540000000001', luna: '106540000000003' };

/** The configuration for WhatsApp of the simulator's app. */
export const settings = { META_CONFIG_ID: '880000000000001' };

/** Where a page says why its signup ended. */
export const told = (page: Page) => page.locator('#embedded-signup');

/** Opens the window of the signup with a link. */
export async function opened(link: Locator): Promise<Page> {
  const popup = link.page().waitForEvent('popup');
  await link.click();
  const signup = await popup;
  await expect(signup.getByText('Simulated Embedded Signup')).toBeVisible();
  return signup;
}

/** Plays the signup of a number to an end. The window closes by itself. */
export async function signUp(link: Locator, number: string, ending: string): Promise<void> {
  const signup = await opened(link);
  await signup.locator('select[name="number"]').selectOption(number);
  await signup.locator('select[name="ending"]').selectOption(ending);
  const closed = signup.waitForEvent('close');
  await signup.getByRole('button', { name: 'Continue' }).click({ noWaitAfter: true });
  await closed;
}
