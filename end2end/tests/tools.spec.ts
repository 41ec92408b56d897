// Tests AI tools by clicking: an owner connects an agent and pastes its lines, the agent reads at once and asks before it
// writes, the owner approves on a phone, and the log says everything. One switch stops it all.
import { type APIRequestContext, type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

/** What the agent adds to the knowledge, so that each run has an entry of its own. */
const entry = () => ({ kind: 'question', title: `Do you park? ${Date.now() % 1_000_000}`, content: 'Behind the house.' });

/** An agent with this token. */
class Agent {
  constructor(private readonly request: APIRequestContext, private readonly token: string) {}

  private headers = () => ({ authorization: `Bearer ${this.token}` });
  list = () => this.request.get('/tools', { headers: this.headers() });
  call = (tool: string, data: unknown) => this.request.post(`/tools/${tool}`, { headers: this.headers(), data });
  poll = (path: string) => this.request.post(path, { headers: this.headers() });
}

/** Opens AI tools as the owner of the business. */
async function open(page: Page): Promise<string> {
  await signIn(page, 'owner');
  await page.getByRole('link', { name: 'AI tools' }).first().click();
  await expect(page.getByRole('heading', { level: 1, name: 'AI tools' })).toBeVisible();
  return new URL(page.url()).pathname;
}

/** Connects an agent, and returns the token that the lines for curl carry. */
async function connect(page: Page, name: string): Promise<string> {
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  const card = page.locator('#connect');
  await expect(card).toContainText('Your new token');
  for (const program of ['Claude Desktop', 'Cursor', 'VS Code', 'curl']) {
    await expect(card.locator('summary', { hasText: program })).toBeVisible();
  }
  const lines = await card.locator('details', { hasText: 'curl' }).last().locator('code').last().textContent();
  const token = /Bearer (slw_\w+)/.exec(lines ?? '')?.[1];
  expect(token, `a token in ${lines}`).toBeTruthy();
  await expectNoBarriers(page);
  return token!;
}

test('an agent is connected, reads at once, and writes when a person approved it on a phone', async ({ page, request }) => {
  test.setTimeout(300_000);
  const name = `Claude ${Date.now() % 1_000_000}`;
  const root = await open(page);
  const agent = new Agent(request, await connect(page, name));

  await test.step('it lists its tools and reads', async () => {
    const listed = await (await agent.list()).json();
    expect(listed.tools.map((tool: { name: string }) => tool.name)).toContain('knowledge_add_entry');
    expect((await agent.call('inbox_list_contacts', {})).status()).toBe(200);
  });

  const added = entry();
  let poll = '';
  await test.step('what it wants to add appears on the phone by itself', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${root}/approvals`);
    const asked = await agent.call('knowledge_add_entry', added);
    expect(asked.status()).toBe(202);
    ({ poll } = await asked.json());
    await expect(page.locator('article', { hasText: added.title })).toBeVisible({ timeout: 60_000 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await expectNoBarriers(page);
  });

  await test.step('its page in the log leads to the decision', async () => {
    await page.goto(`${root}/log?tool=knowledge_add_entry&view=waiting`);
    await page.locator('main li a', { hasText: name }).first().click();
    await page.getByRole('link', { name: 'Review' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Approvals' })).toBeVisible();
  });

  await test.step('approved, it runs once', async () => {
    await page.locator('article', { hasText: added.title }).getByRole('button', { name: 'Approve once' }).click();
    await expect(page.locator('article', { hasText: added.title })).toHaveCount(0);
    const done = await agent.poll(poll);
    expect(done.status(), await done.text()).toBe(200);
    expect((await (await agent.poll(poll)).json()).result, 'the result is given once').toBeUndefined();
  });

  await test.step('the log and the page of trust say so', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${root}/log?tool=knowledge_add_entry&view=done`);
    await page.locator('main li a', { hasText: name }).first().click();
    await expect(page.getByText('What was approved')).toBeVisible();
    await expect(page.getByText('Approved by')).toBeVisible();
    await page.getByRole('link', { name: 'Summary' }).click();
    await expect(page.getByText('Add to the knowledge')).toBeVisible();
    await expectNoBarriers(page);
  });
});

test('what a person rejects or forbids is not done, and one switch stops everything', async ({ page, request }) => {
  test.setTimeout(300_000);
  const name = `Cursor ${Date.now() % 1_000_000}`;
  const root = await open(page);
  const agent = new Agent(request, await connect(page, name));

  await test.step('a rejected call tells the agent why', async () => {
    const added = entry();
    const { poll } = await (await agent.call('knowledge_add_entry', added)).json();
    await page.goto(`${root}/approvals`);
    const card = page.locator('article', { hasText: added.title });
    await card.locator('summary', { hasText: 'Reject' }).click();
    await card.getByLabel('Reason, shown to the agent').fill('We have no parking.');
    await card.getByRole('button', { name: 'Reject' }).click();
    await expect(card).toHaveCount(0);
    expect(await (await agent.poll(poll)).text()).toContain('We have no parking.');
  });

  await test.step('a tool that is denied is refused', async () => {
    await page.goto(root);
    await page.getByRole('link', { name: `Permissions : ${name}` }).click();
    const choice = page.locator('select[name="inbox_list_contacts"]');
    await choice.selectOption('Deny');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('It applies from the next call on.')).toBeVisible();
    await expect(choice).toHaveValue('deny');
    expect((await agent.call('inbox_list_contacts', {})).status()).toBe(403);
  });

  await test.step('stopped, nothing runs until it is let', async () => {
    await page.goto(root);
    await page.locator('summary', { hasText: 'Stop all AI tools' }).click();
    await page.getByRole('button', { name: 'Stop all AI tools' }).click();
    await expect(page.getByText('AI tools are stopped for this business. No agent')).toBeVisible();
    expect((await agent.call('business_get_details', {})).status()).toBe(403);
    await page.getByRole('button', { name: 'Turn back on' }).click();
    await expect(page.getByRole('button', { name: 'Turn back on' })).toHaveCount(0);
    expect((await agent.call('business_get_details', {})).status()).toBe(200);
  });

  await test.step('disconnected, its token is worth nothing', async () => {
    await page.getByRole('link', { name: `Permissions : ${name}` }).click();
    await page.locator('summary', { hasText: 'Disconnect' }).click();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByRole('link', { name: `Permissions : ${name}` })).toHaveCount(0);
    expect((await agent.list()).status()).toBe(401);
  });
});

test('the platform sees the processes of tool servers', async ({ page }) => {
  await signIn(page, 'admin');
  await page.goto('/admin/tool-processes');
  await expect(page.getByRole('heading', { level: 1, name: 'Tool processes' })).toBeVisible();
  await expect(page.locator('summary', { hasText: 'Stop all AI tools' })).toBeVisible();
  await expectNoBarriers(page);
});
