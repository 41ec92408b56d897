// Tests that everything can be done without a mouse, only with keys such as Tab, Enter and letters: from signing in to
// a client and back, from consent to a connection, and from a job's question to its answer.
import { type Locator, type Page } from '@playwright/test';
import { state, unique } from '../clients';
import { expect, password, people, signOut, test } from '../fixtures';

/** Presses Tab, or another key, until this element has the focus. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  const focused = () => target.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 200; presses += 1) {
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

/** Signs in with the form. */
async function signIn(page: Page): Promise<void> {
  await page.goto('/login');
  await type(page, page.getByLabel('Email'), people.maya);
  await type(page, page.getByLabel('Password', { exact: true }), password);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/a\/harbor$/);
}

/** Goes from the agency's home page to the job of a new client. */
async function createClient(page: Page, name: string): Promise<void> {
  // The first Tab focuses the link that skips the menu.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await press(page, page.getByRole('link', { name: 'New client' }).last());
  await page.waitForURL(/\/provisioning\/new/);

  await type(page, page.getByLabel('Business name'), name);
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  await type(page, page.getByRole('textbox', { name: 'Email' }).first(), `owner@${slug}.example`);
  await tabTo(page, page.getByLabel('Country'));
  await page.keyboard.type('United States');
  await type(page, page.getByLabel('Time zone'), 'eastern');
  await press(page, page.getByRole('button', { name: 'Create client' }));
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
}

test('a client is created and left again with the keyboard alone', async ({ page }) => {
  const name = unique('Keyboard Dental');
  await signIn(page);
  await createClient(page, name);

  // Open a step of the job and its output, and go back to the list.
  await press(page, page.getByRole('list', { name: 'Steps' }).getByRole('link', { name: /Check connection/ }));
  await page.waitForURL(/step=/);
  await press(page, page.getByRole('link', { name: 'Output', exact: true }));
  await page.waitForURL(/tab=output/);
  await press(page, page.getByLabel('Breadcrumbs').getByRole('link', { name: 'Jobs' }), 'Shift+Tab');
  await page.waitForURL(/\/provisioning$/);
  await expect(page.getByRole('link', { name: new RegExp(name) })).toBeVisible();
});

test('a page is found, walked to and opened with the keyboard alone', async ({ page }) => {
  await signIn(page);
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog', { name: 'Find' });
  const words = dialog.getByLabel('Find a page, client, job or person');
  const hit = dialog.getByRole('link', { name: 'Snapshots', exact: true });
  await expect(words).toBeFocused();
  await page.keyboard.type('snap');
  await expect(dialog.locator('[data-live=found][data-typed=snap]')).toBeVisible();

  // The arrow keys move to the results and back. Typing a letter there continues in the search field.
  await page.keyboard.press('ArrowDown');
  await expect(hit).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(words).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.type('sh');
  await expect(words).toHaveValue('snapsh');
  await expect(dialog.locator('[data-live=found][data-typed=snapsh]')).toBeVisible();

  // Enter opens the first result if none is focused, and the focused one otherwise.
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/snapshots$/);
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('team');
  await expect(dialog.locator('[data-live=found][data-typed=team]')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await expect(dialog.getByRole('link', { name: 'Team', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/team$/);
});

// With Caps Lock it is a capital letter.
for (const key of ['k', 'K']) {
  test(`Ctrl ${key} opens Find although the code of the page came later`, async ({ page }) => {
    await signIn(page);
    let come = () => {};
    const held = new Promise<void>((resolve) => (come = resolve));
    await page.route(/\/pkg\/.*\.wasm$/, (route) => held.then(() => route.continue()));
    await page.goto('/a/harbor/clients', { waitUntil: 'commit' });
    await expect(page.getByRole('heading', { level: 1, name: 'Clients' })).toBeVisible();
    const dialog = page.getByRole('dialog', { name: 'Find' });
    await page.keyboard.press(`Control+${key}`);
    await expect(page.locator('html[data-hydrated]')).toHaveCount(0);
    await expect(dialog).toBeHidden();
    come();
    await expect(dialog.getByLabel('Find a page, client, job or person')).toBeFocused();
  });
}

test('Find opens with the pages opened last and with what can be done, and one Escape closes it', async ({ page }) => {
  await signIn(page);
  await page.goto('/a/harbor/team');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.goto('/a/harbor/clients');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  const dialog = page.getByRole('dialog', { name: 'Find' });
  await page.keyboard.press('Control+k');
  await expect(dialog.getByRole('link', { name: 'Team' }).first()).toBeVisible();
  await expect(dialog.getByText('Recent', { exact: true })).toBeVisible();
  for (const action of ['New client', 'Sync snapshots', 'Invite teammate']) {
    await expect(dialog.getByRole('link', { name: action })).toBeVisible();
  }
  // The page itself is no recent page. While something is typed, only hits are shown.
  await expect(dialog.locator('[data-recent]').getByRole('link', { name: 'Clients' })).toHaveCount(0);
  await page.keyboard.type('sync');
  await expect(dialog.locator('[data-live=found][data-typed=sync]')).toBeVisible();
  await expect(dialog.getByText('Recent', { exact: true })).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  // Enter on the empty search goes back to the page before.
  await page.keyboard.press('Control+k');
  await expect(dialog.getByLabel('Find a page, client, job or person')).toHaveValue('');
  await expect(dialog.locator('[data-live=found][data-typed=""]')).toBeVisible();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/team$/);
});

test('the pages opened last are forgotten at sign-out', async ({ page }) => {
  await signIn(page);
  await page.goto('/a/harbor/team');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('recent ')).length);
  await expect.poll(kept).toBeGreaterThan(0);
  await signOut(page);
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  expect(await kept()).toBe(0);
});

test('a list follows what is typed, and the field keeps its focus', async ({ page }) => {
  await signIn(page);
  await page.goto('/a/harbor/clients');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.keyboard.press('/');
  const field = page.getByLabel('Search clients');
  await expect(field).toBeFocused();
  await page.keyboard.type('bright');
  await expect(page).toHaveURL(/[?&]q=bright/);
  await expect(page.getByRole('link', { name: /Bright Dental/ }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: /Luna Yoga/ })).toHaveCount(0);
  await expect(field).toBeFocused();
  // The search is part of the address: another page and back shows it again.
  await page.reload();
  await expect(field).toHaveValue('bright');
});

for (const address of ['/a/harbor', '/a/harbor/clients', '/a/harbor/snapshots', '/a/harbor/provisioning']) {
  test(`C creates a client on ${address}`, async ({ page }) => {
    await signIn(page);
    await page.goto(address);
    await expect(page.locator('html[data-hydrated]')).toBeAttached();
    await page.keyboard.press('c');
    await page.waitForURL(/\/provisioning\/new/);
  });
}

test('the sign-in page begins in its first field', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByLabel('Email')).toBeFocused();
});

test.describe('through the pages of HighLevel', () => {
  test.use({ expectedOnConsole: /Failed to load resource/ });

  test('an agency is connected again and checked with the keyboard alone', async ({ page }) => {
    await signIn(page);
    await press(page, page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Connections' }));
    await page.waitForURL(/\/connections$/);
    await press(page, page.getByRole('link', { name: 'Reconnect HighLevel' }));
    await expect(page.getByRole('heading', { name: 'Install Slipway' })).toBeVisible();
    await press(page, page.getByRole('button', { name: 'Approve and install' }));
    await expect(page).toHaveURL(/\/a\/harbor\/connections$/);
    await expect(page.getByText('Harbor Marketing is connected.', { exact: false }).first()).toBeVisible();

    const card = page.locator('#connection');
    await press(page, card.getByRole('button', { name: 'Test connection' }));
    await expect(page.getByText('Testing the connection. The card updates', { exact: false }).first()).toBeVisible();
    await expect(card.getByText('Working', { exact: true }).first()).toBeVisible();
  });
});

test('a job that asks is repaired with the keyboard alone', async ({ page, simulator }) => {
  const name = unique('Keyboard Physio');
  await signIn(page);
  await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'status', status: 403 });
  await createClient(page, name);
  await expect(state(page, 'Needs input')).toBeVisible({ timeout: 90_000 });
  await press(page, page.getByRole('button', { name: 'Retry', exact: true }));
  await expect(state(page, 'Done')).toBeVisible({ timeout: 90_000 });
  const { ghl } = await simulator.world();
  expect(ghl.locations.filter((location: { name: string }) => location.name === name)).toHaveLength(1);
});
