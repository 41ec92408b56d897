// Tests what is left to a person by clicking: a job that leaves something is done but not ready, its to-dos are ticked and
// assigned, and they stand on the start page until nothing is left.
import { startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

const list = '/a/harbor/to-dos';

test('what a job leaves is ticked on its page, assigned and found again', async ({ page }) => {
  test.setTimeout(300_000);
  const name = unique('Lantern Dental');
  await signIn(page, 'maya');
  await startClient(page, name, 'Dental Pro');
  await expect(state(page, 'Done, 2 left for you')).toBeVisible({ timeout: 90_000 });
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result.getByRole('heading', { name: `${name} is set up, 2 left for you` })).toBeVisible();
  await expectNoBarriers(page);

  await test.step('one is ticked, and the job says how much is left', async () => {
    await result.getByRole('button', { name: "Mark as done: Publish the snapshot's workflows" }).click();
    await expect(state(page, 'Done, 1 left for you')).toBeVisible();
    await expect(result.getByText(/Done by Maya/)).toBeVisible();
  });

  await test.step('the other one is on the page of the client', async () => {
    await page.getByRole('link', { name: 'Open client' }).click();
    await expect(page.getByRole('heading', { name: 'To-dos' })).toBeVisible();
    await expect(page.locator('[data-todos]')).toContainText('the owner');
    await expectNoBarriers(page);
  });

  await test.step('the other one is on the list and on the start page', async () => {
    await page.goto(`/a/harbor/provisioning?view=todos&q=${encodeURIComponent(name)}`);
    await expect(page.locator('main tbody tr', { hasText: name })).toContainText('Done, 1 left for you');
    await page.goto(`${list}?q=${encodeURIComponent(name)}`);
    const row = page.locator('main tbody tr', { hasText: name });
    await expect(row).toContainText(/the owner/);
    await expect(row).toContainText('You');
    await expectNoBarriers(page);
    await row.getByRole('button', { name: /^Done/ }).click();
    await expect(page.getByText('No to-dos match', { exact: false })).toBeVisible();
  });

  await test.step('a ticked one is found under Done and can be reopened', async () => {
    await page.goto(`${list}?view=done&q=${encodeURIComponent(name)}`);
    const row = page.locator('main tbody tr', { hasText: 'the owner' });
    await row.getByRole('button', { name: /^Reopen/ }).click();
    await page.goto(`${list}?view=mine&q=${encodeURIComponent(name)}`);
    await expect(page.locator('main tbody tr', { hasText: name })).toHaveCount(1);
  });

  await test.step('it is left to the client, and is nobody else\'s then', async () => {
    await page.locator('main tbody tr', { hasText: name }).getByRole('checkbox').check();
    await page.locator('summary', { hasText: 'Assign' }).last().click();
    await page.getByLabel('Teammate').last().selectOption({ label: 'The owner' });
    await page.getByRole('button', { name: 'Assign', exact: true }).last().click();
    await expect(page.getByText("The to-do is now on the client's page.")).toBeVisible();
    await page.goto(`${list}?q=${encodeURIComponent(name)}`);
    await expect(page.locator('main tbody tr', { hasText: name })).toContainText('The owner');
  });
});

test('several are assigned to a teammate at once', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'To-dos' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'To-dos' })).toBeVisible();
  const row = page.locator('main tbody tr', { hasText: 'Luna Yoga' });
  await row.getByRole('checkbox').check();
  await page.locator('summary', { hasText: 'Assign' }).last().click();
  await page.getByLabel('Teammate').last().selectOption({ label: 'Noah Lindqvist' });
  await page.getByRole('button', { name: 'Assign', exact: true }).last().click();
  await expect(row).toContainText('Noah Lindqvist');
});

test('the start page names what is left', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto('/a/harbor');
  await expect(page.getByRole('heading', { name: 'Needs attention' })).toBeVisible();
  await expect(page.getByText('All clear.')).toHaveCount(0);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a to-do is ticked and reopened', async ({ page }) => {
    await signIn(page, 'noah');
    await page.goto(list);
    const row = page.locator('main tbody tr', { hasText: 'Summit Realty' });
    await row.getByRole('button', { name: /^Done/ }).click();
    await page.goto(`${list}?view=done`);
    await page.locator('main tbody tr', { hasText: 'Summit Realty' }).getByRole('button', { name: /^Reopen/ }).click();
    await page.goto(list);
    await expect(page.locator('main tbody tr', { hasText: 'Summit Realty' })).toHaveCount(1);
  });
});
