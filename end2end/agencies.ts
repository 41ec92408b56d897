// Creates agencies for tests that need one of their own. A super admin creates the agency, and its owner accepts the
// invitation from the mailbox.
import { type Page } from '@playwright/test';
import { expect, type Simulator } from './fixtures';

/** A password that is not easy to guess. */
export const secret = 'nine ships leave at dawn';

/** Waits for a mail to a recipient in the simulator's mailbox and follows the link of the newest one. */
export async function followMail(page: Page, simulator: Simulator, to: string): Promise<void> {
  const link = page.locator('section', { hasText: to }).first().locator('pre a').first();
  // The worker sends it a moment after the form was answered.
  await expect(async () => {
    await page.goto(`${simulator.url}/_sim/mail`);
    await expect(link).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 60_000 });
  await link.click();
  await page.waitForURL((url) => url.origin !== new URL(simulator.url).origin);
}

/** Accepts the mailed invitation and sets a first password, which signs in. */
export async function acceptInvitation(page: Page, simulator: Simulator, email: string, name: string): Promise<void> {
  await followMail(page, simulator, email);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(secret);
  await page.getByRole('button', { name: 'Accept the invitation' }).click();
  await expect(page.getByText('Invitation accepted.', { exact: false }).first()).toBeVisible();
}

/** Creates an agency as the signed-in super admin; this invites its owner by mail. */
export async function createAgency(page: Page, at: string, name: string, slug: string, owner: string): Promise<void> {
  await page.goto(`${at}/admin/agencies`);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('URL name').fill(slug);
  await page.getByLabel("Owner's email").fill(owner);
  await page.getByRole('button', { name: 'Create agency' }).click();
  await expect(page.getByText(`${name} is ready, and ${owner} is invited as its owner.`).first()).toBeVisible();
}
