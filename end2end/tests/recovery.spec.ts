// Tests what a user sees when the server dies during a job: the page says so and catches up by itself, and exactly one
// location is created.
import { startClient, state, unique } from '../clients';
import { expect, signIn, test } from '../fixtures';

// The browser logs every attempt to reach the dead server.
test.use({ expectedOnConsole: /Failed to load resource|ERR_/ });

test('killed in the middle of a job, the server goes on where it was and the page catches up', async ({ page, simulator, ownServer }) => {
  test.setTimeout(300_000);
  const name = unique('Breakwater Dental');
  await signIn(page, 'maya', ownServer.url);
  // The answer to the create is withheld, so when the server dies it does not know of the location.
  await simulator.faults({ match: { method: 'POST', path: '/locations/' }, times: 1, fault: 'timeout', delay_ms: 60_000 });
  await startClient(page, name, 'Dental Pro', `${ownServer.url}/a/harbor`);
  await expect(page.locator('.pip')).toHaveText('Live');
  const created = async () => {
    const { ghl } = await simulator.world();
    return ghl.locations.filter((location: { name: string }) => location.name.startsWith(name)).length;
  };
  await expect.poll(created).toBe(1);
  await expect(page.getByRole('list', { name: 'Steps' }).getByText('Create sub-account')).toBeVisible();

  await ownServer.kill();
  await expect(page.locator('.pip')).toHaveText(/Reconnecting/);
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

  await ownServer.restart();
  // The test does not reload: the page reconnects by itself.
  await expect(page.locator('.pip')).toHaveText('Live', { timeout: 90_000 });
  await expect(state(page, 'Done')).toBeVisible({ timeout: 60_000 });
  expect(await created()).toBe(1);
});
