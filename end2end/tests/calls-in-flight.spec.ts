// Tests what a job's page says while a call to HighLevel has no answer: at once that it was sent and when it ends, and
// afterwards nothing of it.
import { startClient, state, unique } from '../clients';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

test('a call without an answer is shown while it is on its way', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const name = unique('Silent Dental');
  await signIn(page, 'maya');
  await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'timeout' });
  await startClient(page, name);
  const flight = page.locator('[data-live=flight]');
  // The test does not reload: the page updates itself.
  await expect(flight.getByText('POST /locations/')).toBeVisible({ timeout: 60_000 });
  await expect(flight.getByText('no answer yet, gives up at', { exact: false })).toBeVisible();

  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const row = page.getByRole('row', { name: /POST \/locations\// }).last();
  await expect(row.getByText('no answer yet')).toBeVisible();
  // Last, because it takes as long as the call has until it gives up.
  await expectNoBarriers(page);

  // The location is found by its mark, and nothing of the call is left.
  await expect(state(page, 'Done')).toBeVisible({ timeout: 120_000 });
  await expect(flight.getByText('/locations/', { exact: false })).toHaveCount(0);
  const { ghl } = await simulator.world();
  expect(ghl.locations.filter((location: { name: string }) => location.name === name)).toHaveLength(1);
});
