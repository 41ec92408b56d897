// Tests the audit log as its readers use it: sentences with names, filters by person and day, system activity on demand,
// and the file. Both the agency's log and the platform's show the same table.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test('the log says who did what, with names, and filters it', async ({ page }) => {
  const name = `Night shift ${Date.now()}`;
  await signIn(page, 'maya');
  await page.goto('/a/harbor/team/roles');
  await page.locator('form[action="/do/make_role"]').getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Create role' }).click();
  await expect(page.getByText(`Role ${name} created`, { exact: false }).first()).toBeVisible();

  await page.goto('/a/harbor/audit');
  const log = page.locator('main table');
  const created = log.locator('tr', { hasText: name }).first();
  await expect(created).toContainText(`Maya Okafor created the role ${name}`);
  await expect(log).not.toContainText(/Somebody|used HighLevel access/);
  await created.locator('summary', { hasText: 'Details' }).click();
  await expect(created.getByText('Request')).toBeVisible();
  await expectNoBarriers(page);

  await page.getByRole('link', { name: 'Show system activity' }).click();
  await expect(page).toHaveURL(/system=yes/);
  await page.getByRole('link', { name: 'Show system activity' }).click();

  const filter = page.locator('details', { has: page.locator('select[name="kind"]') });
  await filter.locator('summary').click();
  await filter.getByLabel('Person').selectOption({ label: 'Maya Okafor' });
  await filter.getByLabel('Kind of action').selectOption({ label: 'Team and roles' });
  await filter.getByRole('button', { name: 'Apply' }).click();
  const chips = page.getByRole('list', { name: 'Filters' });
  await expect(chips).toContainText('By Maya Okafor');
  await expect(chips).toContainText('Kind is Team and roles');
  await expect(log.locator('tr', { hasText: name }).first()).toBeVisible();
  const address = await page.getByRole('link', { name: 'Download CSV' }).getAttribute('href');
  expect(address).toContain('kind=team');
  const file = await page.request.get(address ?? '');
  expect(await file.text()).toContain(name);
  await page.goto('/a/harbor/audit?to=2020-01-01');
  await expect(page.locator('main')).toContainText('Until 2020-01-01');
  await expect(page.locator('main table')).toHaveCount(0);
});

test.describe('on a phone and without scripts', () => {
  test.use({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });

  test('the log is read and filtered', async ({ page }) => {
    await signIn(page, 'maya');
    await page.goto('/a/harbor/audit');
    const first = page.locator('main table tbody tr').first();
    await expect(first).toBeVisible();
    await first.locator('summary', { hasText: 'Details' }).click();
    await expect(first.getByText('When', { exact: true })).toBeVisible();
    await page.goto('/a/harbor/audit?kind=jobs');
    await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Kind is Jobs');
  });
});

test('the platform reads the same sentences', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/audit');
  await expect(page.locator('main table')).toBeVisible();
  await expect(page.locator('main table')).not.toContainText(/opened admin|Somebody|The system/);
  await expectNoBarriers(page);
});
