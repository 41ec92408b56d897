// Creates clients in tests, through the form, as a person does.
import { type Page } from '@playwright/test';

/** Makes a name unique, so that no test finds another test's client. */
export const unique = (name: string) => `${name} ${Date.now().toString(36)}`;

/** Opens the part of the form that is folded away, unless it is open. */
export async function moreDetails(page: Page): Promise<void> {
  const more = page.locator('details#more');
  if ((await more.getAttribute('open')) === null) await more.locator('summary').first().click();
}

/** Fills in the fields that a client needs, two more, and leaves the others as they are. */
export async function fillClient(page: Page, name: string): Promise<void> {
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  await page.getByLabel('Business name').fill(name);
  await moreDetails(page);
  await page.getByLabel('Website').fill(`${slug}.example`);
  await page.getByRole('textbox', { name: 'Email' }).first().fill(`owner@${slug}.example`);
  await page.getByLabel('First name').first().fill('Ana');
  await page.getByLabel('Last name').first().fill('Lee');
  await page.getByLabel('Country').selectOption('US');
  await page.getByLabel('Time zone').fill('New York');
}

/** Chooses a snapshot by its name. The list may name its industry beside it. */
export async function chooseSnapshot(page: Page, name: string): Promise<void> {
  const list = page.getByRole('combobox', { name: /^Snapshot/ });
  const id = await list.locator('option', { hasText: name }).first().getAttribute('value');
  await list.selectOption(id);
}

/** Creates a client with an agency's form; `root` is the path of the agency. */
export async function startClient(page: Page, name: string, snapshot?: string, root = '/a/harbor'): Promise<void> {
  await page.goto(`${root}/provisioning/new`);
  await fillClient(page, name);
  if (snapshot) await chooseSnapshot(page, snapshot);
  await page.getByRole('button', { name: 'Create client' }).click();
  await page.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
}

/** The job's state at the top of its page. */
export const state = (page: Page, word: string) => page.locator('[data-live=head]').getByText(new RegExp(`^${word}`)).first();

/** The path of a client's own pages, read from the agency's list. */
export async function businessPath(page: Page, client: string, server = ''): Promise<string> {
  await page.goto(`${server}/a/harbor/clients?q=${encodeURIComponent(client)}`);
  const link = await page.getByRole('main').getByRole('link', { name: client, exact: true }).first().getAttribute('href');
  return `/b/${link!.split(/[/?]/).at(-1)!}`;
}
