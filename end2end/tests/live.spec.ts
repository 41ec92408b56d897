// Tests live updates: a change by another user appears on an open page within a second, without a reload.
import { fillClient, unique } from '../clients';
import { expect, signIn, test } from '../fixtures';

test('what a colleague starts is on the open list within a second', async ({ page, browser }) => {
  const name = unique('Tern Island Vets');
  await signIn(page, 'maya');
  await page.goto('/a/harbor/provisioning');
  await expect(page.locator('.pip')).toHaveText('Live');

  const other = await browser.newContext({ baseURL: process.env.BASE_URL });
  const noah = await other.newPage();
  await signIn(noah, 'noah');
  await noah.goto('/a/harbor/provisioning/new');
  await fillClient(noah, name);

  // The page itself records when the name appears, so no polling by the test adds a delay.
  const shown = page.evaluate(
    (word) =>
      new Promise<number>((resolve) => {
        const main = document.querySelector('main')!;
        const look = () => {
          if (!main.textContent!.includes(word)) return;
          watching.disconnect();
          resolve(Date.now());
        };
        const watching = new MutationObserver(look);
        watching.observe(main, { subtree: true, childList: true, characterData: true });
      }),
    name,
  );
  // Both browsers and this test use the same clock. The time starts before the form is sent, so it is measured too
  // long, never too short.
  const began = Date.now();
  await noah.getByRole('button', { name: 'Create client' }).click();
  await noah.waitForURL(/\/provisioning\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('link', { name: new RegExp(name) })).toBeVisible();
  const took = (await shown) - began;
  expect(took, 'milliseconds from the click to the open page of somebody else').toBeLessThan(1_000);
  await other.close();
});

test('all windows of a browser share one stream, and the next one takes over', async ({ page, context }) => {
  let streams = 0;
  context.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith('/live')) streams += 1;
  });
  await signIn(page, 'maya');
  await page.goto('/a/harbor/provisioning');
  await expect(page.locator('.pip')).toHaveText('Live');
  const before = streams;

  const second = await context.newPage();
  await second.goto('/a/harbor/provisioning');
  await expect(second.locator('.pip')).toHaveText('Live');
  expect(streams, 'the second window hears by the stream of the first').toBe(before);

  await page.close();
  await expect.poll(() => streams, 'the second window opens its own').toBe(before + 1);
  await expect(second.locator('.pip')).toHaveText('Live');
});

test('a page whose stream never opens says so and looks by itself', async ({ page }) => {
  await signIn(page, 'maya');
  // Simulates a proxy that buffers everything: the request is sent and never answered.
  await page.route('**/live*', () => new Promise<void>(() => {}));
  await page.clock.install();
  let looked = 0;
  page.on('request', (request) => {
    if (request.resourceType() === 'fetch' && request.url().endsWith('/a/harbor/provisioning')) looked += 1;
  });
  await page.goto('/a/harbor/provisioning');
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', '');
  await page.clock.runFor(14_000);
  await expect(page.locator('.pip')).toHaveText('Not live, looks every 15 s');
  const before = looked;
  await page.clock.runFor(20_000);
  await expect.poll(() => looked, 'it fetches itself anew').toBeGreaterThan(before);
});
