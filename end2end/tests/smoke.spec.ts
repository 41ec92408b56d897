// Tests that the product runs at all: the server's health, the sign-in page, and that one address serves pages, API, webhooks
// and tools.
import { expect, expectNoBarriers, test } from '../fixtures';

test('the server says that it is healthy', async ({ request }) => {
  const answer = await request.get('/health');
  expect(answer.status()).toBe(200);
  expect(await answer.json()).toMatchObject({ status: expect.any(String), checks: expect.any(Object) });
});

test('the sign-in page has no barriers', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expectNoBarriers(page);
});

test('one address serves pages, API, webhooks and tools', async ({ request }) => {
  expect((await request.get('/login')).headers()['content-type']).toContain('text/html');
  const described = await request.get('/api/openapi.json');
  expect(described.status()).toBe(200);
  const { paths } = await described.json();
  for (const path of ['/api/tenant/credentials', '/tools', '/tools/list_contacts', '/api/v1/provisioning/jobs']) {
    expect(Object.keys(paths)).toContain(path);
  }
  for (const path of ['/tools', '/api/v1/businesses']) expect((await request.get(path)).status(), path).toBe(401);
  const closed = ['/tools/list_contacts', '/mcp', '/mcp/demo/tool/list_contacts', '/api/tenant/credentials'];
  for (const path of closed) expect((await request.post(path, { data: {} })).status(), path).toBe(401);
  // Nobody signed it, so it is refused, and not unknown.
  expect((await request.post('/api/webhooks/meta', { data: {} })).status()).toBe(401);
  expect((await request.post('/api/webhooks/ghl', { data: {} })).status()).toBe(401);
});
