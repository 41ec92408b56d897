// Tests the platform's area by clicking: a super admin finds an agency, a business and a person, pauses an agency and lets it
// go on, sees whether the system is healthy, and creates an agency whose URL name follows from its name.
import { createAgency } from '../agencies';
import { unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test('a super admin follows an agency to its client and on to a person', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/businesses');
  await page.getByRole('link', { name: 'Bright Dental', exact: true }).first().click();
  await expect(page).toHaveURL(/\/admin\/businesses\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1, name: 'Bright Dental' })).toBeVisible();
  for (const card of ['Details', 'Connections', 'Last jobs', 'People', 'Activity']) {
    await expect(page.getByRole('heading', { name: card, exact: true })).toBeVisible();
  }
  await expectNoBarriers(page);

  await page.getByRole('link', { name: 'Harbor Marketing' }).first().click();
  await expect(page).toHaveURL(/\/admin\/agencies\/[0-9a-f-]{36}$/);
  await expect(page.getByText('Jobs at the same time')).toBeVisible();
  await expectNoBarriers(page);

  await page.goto('/admin/people?q=maya');
  await expect(page.getByText('Harbor Marketing (Agency admin)').first()).toBeVisible();
  await page.getByRole('link', { name: /Maya/ }).first().click();
  await expect(page).toHaveURL(/\/admin\/people\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { name: 'Active sessions' })).toBeVisible();
  await expectNoBarriers(page);
});

test('an agency is created with the URL name of its name, paused and resumed', async ({ page }) => {
  await signIn(page, 'admin');
  const name = unique('Tern Coast');
  const slug = name.toLowerCase().replaceAll(' ', '-');
  await page.goto('/admin/agencies');
  await expect(page.locator('html[data-hydrated]')).toBeAttached();
  await page.getByLabel('Name', { exact: true }).pressSequentially(name);
  await expect(page.getByLabel('URL name')).toHaveValue(slug);
  await createAgency(page, '', name, slug, `olga@${slug}.test`);

  await page.goto(`/admin/agencies?q=${encodeURIComponent(name)}`);
  const row = page.getByRole('row', { name: new RegExp(name) });
  const act = async (verb: string) => {
    await row.locator('summary').click();
    await row.getByRole('button', { name: verb, exact: true }).click();
  };
  await act('Pause');
  await expect(page.getByText('Agency paused', { exact: false }).first()).toBeVisible();
  await page.goto(`/admin/agencies?q=${encodeURIComponent(name)}`);
  await expect(row.getByText('Paused', { exact: true })).toBeVisible();
  await act('Resume');
  await expect(page.getByText('The agency is active again.').first()).toBeVisible();
});

test('the system page says whether it is healthy, and the overview leads to what needs attention', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/system');
  for (const name of ['Workers', 'Queues', 'Database', 'Installation', 'Scheduled tasks']) {
    await expect(page.getByRole('heading', { name, exact: true })).toBeVisible();
  }
  await expect(page.getByText('Last heartbeat', { exact: false }).first()).toBeVisible();
  await expect(page.getByText('No worker is running', { exact: false })).toHaveCount(0);
  await expectNoBarriers(page);

  await page.goto('/admin');
  const failed = page.getByRole('link', { name: /jobs? failed – waiting for Harbor Marketing/ });
  if ((await failed.count()) > 0) {
    await failed.click();
    await expect(page).toHaveURL(/\/a\/harbor\/provisioning/);
  }
});
