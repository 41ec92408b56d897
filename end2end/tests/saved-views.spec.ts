// Tests saved views by clicking: what a list shows is saved under a name, opened again, renamed, shared and deleted. Others
// see a shared one and cannot change it.
import { type Page } from '@playwright/test';
import { unique } from '../clients';
import { expect, expectNoBarriers, signIn, signOut, test } from '../fixtures';

const jobs = '/a/harbor/provisioning';

/** Opens the menu of saved views, whose button has the name of the open view. */
async function openMenu(page: Page, label: string): Promise<void> {
  await page.locator('main details.pop > summary', { hasText: label }).click();
}

test('a view of the jobs is saved, opened, renamed, shared and deleted', async ({ page }) => {
  const name = unique('Late');
  const renamed = `${name} jobs`;
  await signIn(page, 'maya');

  await test.step('a plain list has nothing to save', async () => {
    await page.goto(jobs);
    await openMenu(page, 'Views');
    await expect(page.getByText('Search, filter or sort the list')).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('what is shown is saved under a name', async () => {
    await page.goto(`${jobs}?view=failed&sort=client`);
    await openMenu(page, 'Views');
    await page.getByLabel('Name', { exact: true }).last().fill(name);
    await page.getByRole('button', { name: 'Save this view' }).click();
    await expect(page.getByText(`Saved “${name}”.`, { exact: false }).first()).toBeVisible();
  });

  await test.step('it opens the same list again', async () => {
    await page.goto(jobs);
    await openMenu(page, 'Views');
    await page.getByRole('link', { name, exact: false }).click();
    await expect(page).toHaveURL(/view=failed/);
    await expect(page).toHaveURL(/sort=client/);
    await expect(page.locator('main details.pop > summary', { hasText: name })).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('it gets another name and is shared', async () => {
    await openMenu(page, name);
    await page.locator('summary', { hasText: `Edit ${name}` }).click();
    const form = page.locator('form[action="/do/rename_view"]:visible');
    await form.getByLabel('Name').fill(renamed);
    await form.getByLabel('Share with the team').check();
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('main details.pop > summary', { hasText: renamed })).toBeVisible();
  });

  await test.step('a colleague opens it and cannot change it', async () => {
    await signOut(page);
    await signIn(page, 'noah');
    await page.goto(jobs);
    await openMenu(page, 'Views');
    await expect(page.locator('summary', { hasText: `Edit ${renamed}` })).toHaveCount(0);
    await page.getByRole('link', { name: renamed, exact: false }).click();
    await expect(page).toHaveURL(/view=failed/);
  });

  await test.step('it is deleted', async () => {
    await signOut(page);
    await signIn(page, 'maya');
    await page.goto(`${jobs}?view=failed&sort=client`);
    await openMenu(page, renamed);
    await page.locator('summary', { hasText: `Edit ${renamed}` }).click();
    await page.getByRole('button', { name: 'Delete view' }).locator('visible=true').click();
    await expect(page.getByText(`Deleted the view “${renamed}”.`).first()).toBeVisible();
    await expect(page.locator('main details.pop > summary', { hasText: 'Views' })).toBeVisible();
  });
});

test('mine is a switch that stays on from tab to tab', async ({ page }) => {
  await signIn(page, 'maya');
  await page.goto(jobs);
  const views = page.getByRole('navigation', { name: 'Views' });
  await expect(views.getByRole('link')).toHaveText([/^All/, /^Needs input/, /^Failed/, /^Running/, /^Done/, /^Left to do/, /^Canceled/, /^Mine/]);
  await views.getByRole('link', { name: /^Mine/ }).click();
  await expect(page).toHaveURL(/mine=yes/);
  await views.getByRole('link', { name: /^Done/ }).click();
  await expect(page).toHaveURL(/view=done/);
  await expect(page).toHaveURL(/mine=yes/);
  await views.getByRole('link', { name: /^Mine/ }).click();
  await expect(page).not.toHaveURL(/mine=yes/);
  await expect(page).toHaveURL(/view=done/);
});
