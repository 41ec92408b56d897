// Tests trying the assistant by clicking: the owner asks it in a test chat as a customer would, rehearses saved settings on what
// a customer asked before, reads both answers side by side, says which is better, and publishes what was rehearsed.
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

/** What the demo's assistant knows the answer to, and the beginning of that answer. */
const parking = { question: 'Where can I park?', answer: 'You can park behind the house' };

test('the owner asks the assistant as a customer would', async ({ page }) => {
  test.setTimeout(300_000);
  await signIn(page, 'owner');
  const home = new URL(page.url()).pathname;
  await page.goto(`${home}/assistant`);
  await page.getByRole('link', { name: 'Test chat' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Test chat' })).toBeVisible();
  const chat = page.getByRole('log', { name: 'Test chat' });
  const turns = chat.locator('ol > li.flex-col');

  await test.step('it answers with what it takes the answer from, its checks and its cost', async () => {
    await page.goto(`${home}/assistant/try?new=1`);
    await page.getByLabel('Your question').fill(parking.question);
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect(turns.first()).toContainText(parking.answer, { timeout: 60_000 });
    await expect(turns.first()).toContainText('Answers');
    await expect(turns.first().getByRole('link', { name: parking.question })).toBeVisible();
    await expect(turns.first()).toContainText(/[\d,]+ read, [\d,]+ written · (less than 1¢|\$\d)/);
    await turns.first().locator('summary', { hasText: 'Step by step' }).click();
    await expect(turns.first()).toContainText('Nothing speaks against an answer.');
    await expectNoBarriers(page);
  });

  await test.step('asked for a person it says why it would hand over', async () => {
    await page.getByLabel('Your question').fill('Can I talk to a person, please?');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await expect(turns.last()).toContainText('Hands over', { timeout: 60_000 });
    await expect(turns.last()).toContainText('The customer asked for a person.');
    await expect(turns).toHaveCount(2);
  });

  await test.step('started over, nothing is asked', async () => {
    await page.getByRole('link', { name: 'Start over' }).click();
    await expect(page.getByText('Nothing asked yet')).toBeVisible();
  });
});

test('saved settings are rehearsed on a past question and published', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const number = Date.now() % 1_000_000;
  const [customer, said] = [`Rita Rehearsal ${number}`, `Just ring the bell (${number}).`];
  await simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text: parking.question });
  await signIn(page, 'owner');
  const home = new URL(page.url()).pathname;

  await test.step('a person answered the customer', async () => {
    await page.goto(`${home}/inbox`);
    await page.locator('.inbox-line', { hasText: customer }).click({ timeout: 60_000 });
    await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
    await page.getByLabel('Your message').fill(said);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(page.getByRole('log', { name: 'Messages' }).locator('.inbox-out', { hasText: said })).toBeVisible();
  });

  await test.step('settings are saved and not published', async () => {
    await page.goto(`${home}/assistant`);
    await page.locator('#settings').getByLabel(/^Tone/).fill(`Warm and brief (${number}).`);
    await page.locator('#settings').getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Saved. Publish it to use it.').first()).toBeVisible();
  });

  await test.step('the question is chosen and rehearsed', async () => {
    await page.getByRole('link', { name: 'Rehearsals' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Rehearsals' })).toBeVisible();
    await expectNoBarriers(page);
    for (const tick of await page.locator('input[name="messages[]"]').all()) await tick.setChecked(false);
    await page.locator('label', { hasText: customer }).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Rehearse', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: /^Rehearsal of / })).toBeVisible();
    await expect(page.getByText('1 of 1 would be answered.')).toBeVisible({ timeout: 60_000 });
  });

  await test.step('both answers stand side by side, and the owner says which is better', async () => {
    const compared = page.locator('li[id^="case-"]', { hasText: parking.question });
    await expect(compared).toContainText("A person's answer then");
    await expect(compared.locator('del').first()).toContainText('Just');
    await expect(compared.locator('ins').first()).toContainText('You can park');
    await compared.getByRole('button', { name: 'Better', exact: true }).click();
    await expect(page.getByText('1 better, 0 the same, 0 worse')).toBeVisible();
    await expectNoBarriers(page);
  });

  await test.step('what was rehearsed is published', async () => {
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await expect(page.getByText(/Version \d+ is live from the next answer on\./).first()).toBeVisible();
    await expect(page.getByText('These settings are live.')).toBeVisible();
    await page.goto(`${home}/assistant/rehearsals`);
    await expect(page.getByRole('link', { name: /1 of 1 would be answered/ }).first()).toBeVisible();
  });
});
