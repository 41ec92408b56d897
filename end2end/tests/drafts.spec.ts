// Tests drafts of new clients: what is typed survives a closed tab and a sign-out, is offered again, can be discarded, and is
// gone when the client was created.
import { type Page } from '@playwright/test';
import { fillClient, unique } from '../clients';
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

const form = '/a/harbor/provisioning/new';

/** The offer of the draft with this name. */
const offer = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Drafts' }).getByRole('listitem').filter({ hasText: name });

/** Types into the form until the draft is saved. */
async function typeClient(page: Page, name: string): Promise<void> {
  await page.goto(form);
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await fillClient(page, name);
  await expect(page.getByRole('complementary', { name: 'Plan' }).getByText(`Creates the sub-account for ${name}.`, { exact: false })).toBeVisible();
}

test('what was typed is there again after a sign-out, and gone once the client is created', async ({ page }) => {
  const name = unique('Draftwood Dental');
  await signIn(page, 'noah');
  await typeClient(page, name);
  await page.goto('/a/harbor');
  await signOut(page);
  await signIn(page, 'noah');
  await page.goto(form);
  await expect(offer(page, name)).toContainText('Continue your draft');
  await expectNoBarriers(page);
  await offer(page, name).getByRole('link').click();
  await expect(page.getByLabel('Business name')).toHaveValue(name);
  await expect(page.getByLabel('Last name').first()).toHaveValue('Lee');
  await expect(offer(page, name)).toContainText('This is your draft');
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await page.goto(form);
  await expect(offer(page, name)).toHaveCount(0);
});

test('a draft is discarded, and nobody else sees it', async ({ page, browser }) => {
  const name = unique('Sandcastle Vets');
  await signIn(page, 'noah');
  await typeClient(page, name);
  await page.reload();
  await expect(offer(page, name)).toBeVisible();
  const other = await browser.newContext({ baseURL: process.env.BASE_URL });
  const maya = await other.newPage();
  await signIn(maya, 'maya');
  await maya.goto(form);
  await expect(offer(maya, name)).toHaveCount(0);
  await other.close();
  await offer(page, name).getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByText('Draft discarded.')).toBeVisible();
  await expect(offer(page, name)).toHaveCount(0);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('what was validated is a draft', async ({ page }) => {
    const name = unique('Paper Pilates');
    await signIn(page, 'noah');
    await page.goto(form);
    await fillClient(page, name);
    await page.getByRole('button', { name: 'Validate' }).click();
    await expect(page.getByText('Looks good. Nothing has been created yet.')).toBeVisible();
    await page.goto(form);
    await offer(page, name).getByRole('link').click();
    await expect(page.getByLabel('Business name')).toHaveValue(name);
    await expect(page.getByLabel('Time zone')).toHaveValue('New York');
    await offer(page, name).getByRole('button', { name: 'Discard' }).click();
    await expect(offer(page, name)).toHaveCount(0);
  });
});
