// Tests that the product runs at all: the server's health and the sign-in page.
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
