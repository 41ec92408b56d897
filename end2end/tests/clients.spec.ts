// Tests what an admin does with a client: edit it and see HighLevel follow, pause and resume it, archive it and bring it
// back, remove and restore it. Staff are offered none of it.
import { type Page } from '@playwright/test';
import { startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

// Staff try an address that is not theirs.
test.use({ expectedOnConsole: /status of 403/ });

/** The head of the client's page. */
const head = (page: Page) => page.locator('main header:has(h1)');

/** Opens the menu in the head of the client's page and follows one of its entries. */
async function choose(page: Page, entry: string): Promise<void> {
  await head(page).locator('summary', { hasText: 'More actions' }).click();
  await head(page).getByText(entry, { exact: true }).click();
}

/** Creates a client by a job, and opens its page. */
async function newClient(page: Page, name: string): Promise<void> {
  await startClient(page, name);
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  await page.getByRole('link', { name: 'Open client' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('an admin edits a client, and HighLevel follows', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const name = unique('Cedar Dental');
  await signIn(page, 'maya');
  await newClient(page, name);
  const main = page.locator('main');
  await expect(main.getByRole('heading', { level: 2, name: 'Setup' })).toBeVisible();
  await expect(main.getByRole('heading', { level: 2, name: 'Activity' })).toBeVisible();
  await expect(page.getByRole('link', { name: /Open HighLevel/ })).toBeVisible();
  await expectNoBarriers(page);

  await test.step('a wrong email stays in the form with its reason', async () => {
    await choose(page, 'Edit');
    await expectNoBarriers(page);
    await page.getByLabel(/^City/).fill('Savannah');
    await page.getByLabel(/^Website/).fill('not a website');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByLabel(/^Website/)).toHaveAttribute('aria-invalid', 'true');
    await expect(page.getByLabel(/^City/)).toHaveValue('Savannah');
  });

  await test.step('what is saved is told to HighLevel', async () => {
    await page.getByLabel(/^Website/).fill('cedar.example');
    await page.getByLabel(/^Notes/).fill('Prefers mornings');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Saved. We are updating HighLevel now.').first()).toBeVisible();
    await expect(main.getByText('HighLevel is up to date')).toBeVisible({ timeout: 60_000 });
    await expect(main.getByText('Prefers mornings')).toBeVisible();
    await expect(main.getByText(/Maya Okafor changed the .*website/)).toBeVisible();
  });

  await test.step('a change that HighLevel rejects is said, and goes with a retry', async () => {
    await simulator.faults({ match: { method: 'PUT', path: '/locations/*' }, times: 1, fault: 'status', status: 422 });
    await choose(page, 'Edit');
    await page.getByLabel(/^City/).fill('Augusta');
    await page.getByRole('button', { name: 'Save' }).click();
    const failed = main.getByText("HighLevel wasn't updated");
    const done = main.getByText('HighLevel is up to date');
    await expect(failed.or(done)).toBeVisible({ timeout: 60_000 });
    if (await failed.isVisible()) {
      await main.getByRole('button', { name: 'Retry' }).click();
      await expect(done).toBeVisible({ timeout: 60_000 });
    }
  });
});

test('an admin pauses, archives and removes a client, and gets it back each time', async ({ page }) => {
  test.setTimeout(300_000);
  const name = unique('Willow Clinic');
  await signIn(page, 'maya');
  await newClient(page, name);
  const client = page.url();
  const main = page.locator('main');

  for (const [entry, verb, said, back] of [
    ['Pause…', 'Pause', 'is paused', 'Resume'],
    ['Archive…', 'Archive', 'is archived', 'Bring back'],
    ['Remove…', 'Remove', 'is in the trash', 'Restore'],
  ] as const) {
    await test.step(`${verb} and ${back}`, async () => {
      await page.goto(client);
      await choose(page, entry);
      await expect(main.getByRole('heading', { level: 2, name: `${verb} ${name}?` })).toBeVisible();
      await expectNoBarriers(page);
      await main.getByRole('button', { name: `${verb} client` }).click();
      await expect(page.getByText(`${name} ${said}`, { exact: false }).first()).toBeVisible();
      await expectNoBarriers(page);
      const button = main.getByRole('button', { name: back, exact: true }).last();
      await expect(button).toBeVisible({ timeout: 60_000 });
      await button.click();
      await expect(page.getByText(new RegExp(`${name} is (active again|back)`)).first()).toBeVisible();
    });
  }

  await test.step('the trash lists what was removed, and restores it', async () => {
    await page.goto(`${client}?act=remove`);
    await main.getByRole('button', { name: 'Remove client' }).click();
    await page.goto(`/a/harbor/clients?view=trash&q=${encodeURIComponent(name)}`);
    const row = page.locator('main tbody tr', { hasText: name });
    await expect(row).toBeVisible();
    await row.getByRole('button', { name: 'Restore' }).click();
    await expect(page.getByText(`${name} is back`, { exact: false }).first()).toBeVisible();
  });
});

test('staff see a client of theirs and change nothing as a whole', async ({ page }) => {
  const name = unique('Maple Yoga');
  await signIn(page, 'noah');
  await newClient(page, name);
  await expect(head(page).locator('summary')).toHaveCount(0);
  expect((await page.goto(`${page.url()}/edit`))?.status()).toBe(403);
});
