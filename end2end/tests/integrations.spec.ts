// Tests connecting an agency to HighLevel by clicking: consent that is given, refused, or started at the marketplace
// without our asking; and the agency's first client, created with the tokens from the consent.
import { type Page } from '@playwright/test';
import { acceptInvitation, createAgency } from '../agencies';
import { startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

// The simulator's pages log such errors.
test.use({ expectedOnConsole: /Failed to load resource/ });

/** Goes from the connections page to the company's consent screen. */
async function askConsent(page: Page, company = 'Lighthouse Media'): Promise<void> {
  await page.getByRole('link', { name: /^(Connect|Reconnect) HighLevel$/ }).click();
  await expect(page.getByRole('heading', { name: 'Install Slipway' })).toBeVisible();
  await page.getByRole('link', { name: company }).click();
  await expect(page.getByRole('heading', { name: new RegExp(`admin of ${company}`) })).toBeVisible();
}

const codesUsed = (journal: { path: string }[]) => journal.filter((call) => call.path === '/oauth/token').length;

test('an agency connects by clicking, provisions, disconnects and claims an install', async ({ page, browser, simulator }) => {
  test.setTimeout(300_000);
  const slug = unique('lighthouse').replace(' ', '-');
  const connections = `/a/${slug}/connections`;
  await signIn(page, 'admin');
  await createAgency(page, '', 'Lighthouse', slug, `iris@${slug}.test`);
  await signOut(page);
  await acceptInvitation(page, simulator, `iris@${slug}.test`, 'Iris Vale');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Connections' }).click();
  await expect(page.getByText('HighLevel is not connected')).toBeVisible();
  await expect(page.getByRole('link', { name: 'connect a white-labeled HighLevel' })).toHaveAttribute('href', /host=white-label$/);
  await expectNoBarriers(page);

  await test.step('no consent changes nothing', async () => {
    const before = codesUsed(await simulator.journal());
    await askConsent(page);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page).toHaveURL(new RegExp(`${connections}$`));
    // It stays on the page and does not go away by itself.
    await expect(page.getByRole('alert').getByText('You cancelled in HighLevel. Nothing was connected.')).toBeVisible();
    await expect(page.getByText('HighLevel is not connected')).toBeVisible();
    expect(codesUsed(await simulator.journal())).toBe(before);
  });

  const card = page.locator('#connection');
  await test.step('consent connects, and the card says how it knows', async () => {
    await askConsent(page);
    await page.getByRole('button', { name: 'Approve and install' }).click();
    await expect(page).toHaveURL(new RegExp(`${connections}$`));
    await expect(page.getByText('Lighthouse Media is connected.', { exact: false }).first()).toBeVisible();
    await expect(card.getByText('Working', { exact: true }).first()).toBeVisible();
    await expect(card.getByText('Connected · last used just now').first()).toBeVisible();
    await expect(card.getByText('Access expires')).toBeHidden();
    await card.getByText('Details', { exact: true }).click();
    await expect(card.getByText('Access expires')).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('a client is provisioned with it', async () => {
    await page.goto(`/a/${slug}/snapshots`);
    await expect(async () => {
      await page.reload();
      await expect(page.getByText('Dental Pro').first()).toBeVisible({ timeout: 500 });
    }).toPass({ timeout: 60_000 });
    const name = unique('Beacon Dental');
    await startClient(page, name, 'Dental Pro', `/a/${slug}`);
    await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
    const { ghl } = await simulator.world();
    const made = ghl.locations.filter((location: { name: string }) => location.name === name);
    expect(made).toHaveLength(1);
    expect(made[0].companyId).toBe('CanaryCompny00000003');
  });

  await test.step('its sub-account is one sentence, and listed on demand', async () => {
    await page.goto(connections);
    await expect(page.getByText('1 sub-account, working')).toBeVisible();
    await expect(page.getByRole('table')).toHaveCount(0);
    await page.getByRole('link', { name: 'Show all' }).click();
    await expect(page.getByRole('link', { name: /^Beacon Dental/ })).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('a consent for another company changes nothing', async () => {
    await page.goto(connections);
    await askConsent(page, 'Tidewater Agency');
    await page.getByRole('button', { name: 'Approve and install' }).click();
    await expect(page.getByText('your agency works with Lighthouse Media. Nothing was changed.', { exact: false }).first()).toBeVisible();
    await expect(card.getByText('Working', { exact: true }).first()).toBeVisible();
    await expect(card.getByText('Lighthouse Media').first()).toBeVisible();
  });

  const waiting = unique('Lantern Dental');
  let job = '';
  await test.step('a job that is started while nothing is connected waits', async () => {
    await card.getByText('Disconnect', { exact: true }).click();
    await page.getByRole('button', { name: 'Disconnect HighLevel' }).click();
    await expect(card.getByText('Disconnected', { exact: true }).first()).toBeVisible();
    // HighLevel may have told already that the app left the sub-account, too.
    await expect(page.getByText(/^(1 sub-account, none working until HighLevel is connected|None while HighLevel is disconnected\.)$/)).toBeVisible();
    await page.goto(`/a/${slug}`);
    await expect(page.getByText('HighLevel: Disconnected')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Reconnect HighLevel' })).toBeVisible();
    await page.goto(`/a/${slug}/provisioning/new`);
    await expect(page.getByText('the job will stop at step 1', { exact: false })).toBeVisible();
    await startClient(page, waiting, undefined, `/a/${slug}`);
    job = page.url();
    await expect(state(page, 'Needs input')).toBeVisible();
    await expect(page.getByText('The job then continues automatically.', { exact: false }).first()).toBeVisible();
    await expect(page.getByRole('link', { name: 'Reconnect HighLevel' })).toBeVisible();
    // The problem is said once: the job is part of it.
    await page.goto(`/a/${slug}`);
    await expect(page.getByText('1 job waits for this.', { exact: false })).toBeVisible();
    await expect(page.locator('[data-live=today]').getByText(waiting)).toHaveCount(0);
  });

  await test.step('an install that nobody asked for is nobody’s until it is claimed', async () => {
    await page.goto(connections);
    await expect(card.getByText('Disconnected', { exact: true }).first()).toBeVisible();
    await askConsent(page);
    await page.getByText('What the simulator may do differently').click();
    await page.getByLabel('Leave the state out of the callback').check();
    await page.getByRole('button', { name: 'Approve and install' }).click();
    await expect(page).toHaveURL(new RegExp(`${connections}$`));
    await expect(page.getByText('Installed at HighLevel, not claimed yet')).toBeVisible();
    await expect(page.getByText("You didn't start this here.", { exact: false }).first()).toBeVisible();
    await expect(page.getByRole('link', { name: 'Connect from here' })).toBeVisible();
    await expect(card.getByText('Disconnected', { exact: true }).first()).toBeVisible();

    const other = await browser.newContext({ baseURL: process.env.BASE_URL });
    const harbor = await other.newPage();
    await signIn(harbor, 'maya');
    await harbor.goto('/a/harbor/connections');
    await expect(harbor.getByText('not claimed yet')).toHaveCount(0);
    await other.close();

    await page.getByText('Claim it anyway', { exact: true }).click();
    await page.getByLabel('Type the name to claim it: Lighthouse Media').fill('Lighthouse Media');
    await page.getByRole('button', { name: 'Claim it' }).click();
    await expect(page.getByText(/The install is yours now\..* The job that was waiting for it has resumed\./).first()).toBeVisible();
    await expect(card.getByText('Working', { exact: true }).first()).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('not claimed yet')).toHaveCount(0);
  });

  await test.step('and the job goes on without being asked again', async () => {
    await page.goto(job);
    await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  });
});

test('a consent answered twice, or in another browser, connects nothing', async ({ page, browser }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor/connections');
  await page.getByRole('link', { name: 'Reconnect HighLevel' }).click();
  const state = await page.locator('input[name=state]').inputValue();
  const answer = `/api/integrations/ghl/callback?code=nobody-gave-this&state=${state}`;
  const other = await browser.newContext({ baseURL: process.env.BASE_URL });
  const stranger = await other.newPage();
  await signIn(stranger, 'noah');
  expect((await stranger.goto(answer))?.status()).toBe(409);
  await other.close();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByText('You cancelled in HighLevel', { exact: false }).first()).toBeVisible();
  // A callback that is opened a second time shows the result of the first.
  await page.goto(answer);
  await expect(page).toHaveURL(/\/a\/harbor\/connections$/);
  await expect(page.getByText('answered already. You cancelled in HighLevel', { exact: false }).first()).toBeVisible();
  await expect(page.locator('#connection').getByText('Working', { exact: true }).first()).toBeVisible();
});

test('a plan that is too low keeps its question until it is answered', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const slug = unique('tidewater').replace(' ', '-');
  await signIn(page, 'admin');
  await createAgency(page, '', 'Tidewater', slug, `ben@${slug}.test`);
  await signOut(page);
  await acceptInvitation(page, simulator, `ben@${slug}.test`, 'Ben Cole');
  await page.goto(`/a/${slug}/connections`);
  await askConsent(page, 'Tidewater Agency');
  await page.getByRole('button', { name: 'Approve and install' }).click();
  await expect(page.getByText('Tidewater Agency is connected.', { exact: false }).first()).toBeVisible();

  await startClient(page, unique('Lowtide Dental'), undefined, `/a/${slug}`);
  await expect(state(page, 'Needs input')).toBeVisible({ timeout: 90_000 });
  const card = page.getByRole('region', { name: 'Needs your input' });
  await expect(card.getByRole('heading', { name: "Your HighLevel plan can't create sub-accounts through the API." })).toBeVisible();
  await expect(card.getByText('$497 plan', { exact: false })).toBeVisible();
  await expect(card.getByRole('link', { name: /^Open HighLevel billing/ })).toHaveAttribute('href', /\/settings\/billing$/);
  await expect(card.getByRole('button', { name: "I've upgraded – try again" })).toBeVisible();
  // The list is read when the question is asked, and the page shows it without a reload.
  await expect(card.getByLabel('Sub-account in HighLevel').locator('option', { hasText: 'Tidewater Bakery' })).toBeAttached({ timeout: 60_000 });
  await expectNoBarriers(page);

  await test.step('a wrong id is said at its field, and the question stays', async () => {
    await card.getByText("It's not in the list").click();
    await card.getByLabel('Sub-account ID').fill('nonsense');
    await card.getByRole('button', { name: 'Continue with this sub-account' }).last().click();
    await expect(card.getByText('There\'s no sub-account with the ID “nonsense” in your HighLevel account.').first()).toBeVisible({ timeout: 90_000 });
    await expect(card.getByLabel('Sub-account ID')).toHaveValue('nonsense');
    await expect(card.getByRole('heading', { name: "Your HighLevel plan can't create sub-accounts through the API." })).toBeVisible();
    await expectNoBarriers(page);
  });

  await card.getByLabel('Sub-account in HighLevel').selectOption({ label: 'Tidewater Bakery, Norfolk' });
  await card.getByRole('button', { name: 'Continue with this sub-account' }).first().click();
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });

  await page.goto(`/a/${slug}/connections`);
  await page.locator('#connection').getByText('Disconnect', { exact: true }).click();
  await page.getByRole('button', { name: 'Disconnect HighLevel' }).click();
  await expect(page.locator('#connection').getByText('Disconnected', { exact: true }).first()).toBeVisible();
});
