// Tests provisioning in the browser: a client from the form to done, a failure that is repaired on the page, and both
// without scripts.
import { type Page } from '@playwright/test';
import { chooseSnapshot, fillClient, moreDetails, startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

/** Reloads until the page shows this state. Without scripts a page does not update itself. */
async function reloadUntil(page: Page, word: string): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(state(page, word)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 90_000, intervals: [1_000] });
}

test.beforeEach(async ({ page }) => signIn(page, 'maya'));

test('a client goes from the form to done while one watches', async ({ page, simulator }) => {
  const name = unique('Coral Bay Dental');
  await startClient(page, name, 'Dental Pro');
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Steps' }).getByRole('listitem')).toHaveCount(11);
  await expectNoBarriers(page);
  // The test does not reload: the page updates itself.
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole('heading', { name: `${name} is set up, ` })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Open client' })).toBeVisible();
  const { ghl } = await simulator.world();
  expect(ghl.locations.filter((location: { name: string }) => location.name === name)).toHaveLength(1);
  await page.getByRole('link', { name: /Create sub-account/ }).click();
  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  await expect(page.getByRole('cell', { name: /POST .*\/locations/ }).first()).toBeVisible();
  await expectNoBarriers(page);
});

test('the plan follows what is typed, and nothing is created by checking', async ({ page, simulator }) => {
  const before = (await simulator.world()).ghl.locations.length;
  const name = unique('Juniper Pilates');
  await page.goto('/a/harbor/provisioning/new');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  const plan = page.getByRole('complementary', { name: 'Plan' });
  await expect(page.getByLabel('Business name')).toBeFocused();
  await expect(plan.getByText('skipped – no snapshot chosen.').first()).toBeVisible();
  await expect(plan.getByRole('heading', { name: 'Still needed' })).toBeVisible();
  await fillClient(page, name);
  await chooseSnapshot(page, 'Dental Pro');
  await expect(plan.getByText('skipped – no snapshot chosen.')).toHaveCount(0);
  await expect(plan.getByRole('heading', { name: 'Still needed' })).toHaveCount(0);
  await expect(plan.getByText(`Creates the sub-account for ${name}.`, { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Validate' }).click();
  await expect(page.getByText('Looks good. Nothing has been created yet.')).toBeVisible();
  await expect(page.getByLabel('Business name')).toHaveValue(name);
  expect((await simulator.world()).ghl.locations).toHaveLength(before);
  await expectNoBarriers(page);
});

test('C opens the form from home, clients, snapshots and jobs, ready to type', async ({ page }) => {
  for (const at of ['', '/clients', '/snapshots', '/provisioning']) {
    await page.goto(`/a/harbor${at}`);
    await expect(page.locator('html[data-hydrated]')).toBeAttached();
    await page.keyboard.press('c');
    await page.waitForURL(/\/provisioning\/new$/);
    await expect(page.getByLabel('Business name')).toBeFocused();
  }
});

test('what is wrong is said at its field and nothing typed is lost', async ({ page }) => {
  await page.goto('/a/harbor/provisioning/new');
  await fillClient(page, unique('Old Town Realty'));
  await page.getByLabel('Phone').fill('12');
  await page.getByLabel('Postal code').fill('33101');
  await page.getByRole('button', { name: 'Create client' }).click();
  await expect(page.getByText('Use the international form of the phone number, such as +13055550100, without an extension.').first()).toBeVisible();
  await expect(page.getByLabel('Phone')).toHaveValue('12');
  await expect(page.getByLabel('Phone')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Postal code')).toHaveValue('33101');
  await page.getByRole('button', { name: 'Add another user' }).click();
  await expect(page.getByRole('group', { name: 'User 2' })).toBeVisible();
  await expect(page.getByLabel('Postal code')).toHaveValue('33101');
});

test('a likely duplicate is created only when one says so', async ({ page }) => {
  const name = unique('Sunny Smiles');
  await startClient(page, name);
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  await page.goto('/a/harbor/provisioning/new');
  await fillClient(page, name);
  await page.getByRole('button', { name: 'Create client' }).click();
  await expect(page.getByText(`You already have a client called ${name}`)).toBeVisible();
  await expect(page).toHaveURL(/\/provisioning\/new/);
  await page.getByLabel('Create anyway').check();
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
});

test('a likely duplicate is said while one types, and its tick outlives what is typed after it', async ({ page }) => {
  await page.goto('/a/harbor/provisioning/new');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  const plan = page.getByRole('complementary', { name: 'Plan' });
  await page.getByLabel('Business name').fill('Bright Dental');
  const tick = plan.getByLabel('Create anyway');
  await tick.check();
  await expect(plan.getByRole('heading', { name: 'You already have a client called Bright Dental' })).toBeVisible();
  await expect(plan.getByRole('link', { name: 'Bright Dental' }).first()).toBeVisible();
  const steps = plan.getByText('Creates the sub-account for Bright Dental.', { exact: false });
  await expect(steps).toBeVisible();
  await moreDetails(page);
  await page.getByLabel('Tags').fill('vip');
  await expect(plan.getByText('Sets 1 tag.')).toBeVisible();
  await expect(tick).toBeChecked();
  await page.getByLabel('Business name').fill(unique('Nobody Yet'));
  await expect(plan.getByText('You already have a client called')).toHaveCount(0);
});

test('the address says the time zone, and what one types says it better', async ({ page }) => {
  await page.goto('/a/harbor/provisioning/new');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  const plan = page.getByRole('complementary', { name: 'Plan' });
  await page.getByLabel('Business name').fill(unique('Tall Pines Dental'));
  await page.getByLabel('Country').selectOption('US');
  await moreDetails(page);
  await page.getByLabel('Postal code').fill('98101');
  await expect(plan.getByText('Time zone: Pacific Time – Los Angeles (UTC−8), from the address.')).toBeVisible();
  await expect(page.locator('datalist option[value="Mountain Time – Denver (UTC−7)"]')).toHaveCount(1);
  await page.getByLabel('Time zone').fill('denver');
  await expect(plan.getByText('Time zone: Pacific Time', { exact: false })).toHaveCount(0);
  await page.getByLabel('Time zone').fill('Atlantis');
  await page.getByRole('button', { name: 'Create client' }).click();
  await expect(page.getByLabel('Time zone')).toHaveValue('Atlantis');
  await expect(page.getByLabel('Time zone')).toHaveAttribute('aria-invalid', 'true');
});

test('the plan fits a small laptop, and comes before the buttons on a phone', async ({ page }) => {
  await page.setViewportSize({ width: 1366, height: 768 });
  await page.goto('/a/harbor/provisioning/new?demo=1');
  const plan = page.getByRole('complementary', { name: 'Plan' });
  const create = plan.getByRole('button', { name: 'Create client' });
  await expect(create).toBeInViewport();
  const edge = async (part: string) => page.locator(part).first().evaluate((element) => element.getBoundingClientRect().right);
  expect(Math.abs((await edge('main header')) - (await edge('main aside[aria-label=Plan]')))).toBeLessThan(1);
  await page.setViewportSize({ width: 390, height: 844 });
  const top = async (part: ReturnType<Page['locator']>) => (await part.boundingBox())!.y;
  expect(await top(plan.getByRole('heading', { name: 'What will happen' }))).toBeLessThan(await top(create));
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectNoBarriers(page);
});

test('a refusal is repaired from the screen', async ({ page, simulator }) => {
  const name = unique('Northside Physio');
  await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 403 });
  await startClient(page, name);
  await expect(state(page, 'Needs input')).toBeVisible({ timeout: 90_000 });
  await expectNoBarriers(page);
  await page.getByRole('button', { name: 'Retry', exact: true }).click();
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  const { ghl } = await simulator.world();
  expect(ghl.locations.filter((location: { name: string }) => location.name === name)).toHaveLength(1);
});

test('a client answers by the link they were sent, without an account', async ({ page, browser, simulator }) => {
  const name = unique('Seaside Vets');
  const body = JSON.stringify({ statusCode: 422, message: ['phone must be a valid phone number'], error: 'Unprocessable Entity' });
  await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 422, body });
  await startClient(page, name);
  await expect(state(page, 'Needs input')).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Create a link for the client' }).click();
  const made = page.getByRole('status').filter({ hasText: 'Send this link to your client' });
  const link = await made.locator('code').innerText();
  await expectNoBarriers(page);
  const client = await (await browser.newContext()).newPage();
  await client.goto(link);
  await expect(client.getByRole('heading', { level: 1 })).toContainText('Harbor Marketing asks you');
  await expectNoBarriers(client);
  await client.getByLabel('Phone').fill('12');
  await client.getByRole('button', { name: 'Send' }).click();
  await expect(client.getByText('Use the international form').first()).toBeVisible();
  await client.getByLabel('Phone').fill('+13055550123');
  await client.getByRole('button', { name: 'Send' }).click();
  await expect(client.getByRole('heading', { name: 'Thank you' })).toBeVisible();
  await client.goto(link);
  await expect(client.getByText('were already sent with this link')).toBeVisible();
  await client.context().close();
  await page.goto(page.url());
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  // The page links to the new location. The simulator shows it at the same path as HighLevel's own application.
  const there = await page.getByRole('link', { name: /Open in HighLevel/ }).getAttribute('href');
  expect(there).toMatch(/\/v2\/location\/[A-Za-z0-9]+\/dashboard$/);
  await page.goto(there!);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page.getByText('+13055550123')).toBeVisible();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('list, job and repair work', async ({ page, simulator }) => {
    const name = unique('Harbor Yoga');
    await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 403 });
    await startClient(page, name);
    await reloadUntil(page, 'Needs input');
    await page.goto(`/a/harbor/provisioning?view=needs_input&q=${encodeURIComponent(name)}`);
    await page.getByRole('link', { name: new RegExp(name) }).click();
    await page.getByRole('button', { name: 'Retry', exact: true }).click();
    await reloadUntil(page, 'Done');
    await page.getByRole('link', { name: /Finish/ }).click();
    await page.getByRole('link', { name: 'Output', exact: true }).click();
    await expect(page).toHaveURL(/tab=output/);
  });

  test('a row is added and everything typed comes back', async ({ page }) => {
    const name = unique('Row House');
    await page.goto('/a/harbor/provisioning/new');
    await fillClient(page, name);
    await page.getByRole('button', { name: 'Add another value' }).click();
    await expect(page.getByRole('group', { name: 'Custom value 2' })).toBeVisible();
    await expect(page.getByLabel('Business name')).toHaveValue(name);
  });
});
