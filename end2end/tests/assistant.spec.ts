// Tests the assistant by clicking: a customer asks on the phone, a draft with its source waits in the inbox, and a person
// changes and sends it, or dismisses it. In auto mode the assistant answers by itself and hands over when asked for a person.
import { type Locator, type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, test, type Simulator } from '../fixtures';

/** What the demo's assistant knows the answer to, and the beginning of that answer. */
const hours = { question: 'When are you open?', answer: 'We are open Monday to Friday' };
const cleaning = { question: 'Is a cleaning done in 45 minutes?', answer: '$120' };

/** What hostile texts say. As markup it would load a picture and run a script. */
const hostile = `<img src="x" onerror="document.body.dataset.hacked=1"><b data-x>bold</b>`;

/** A customer whom nobody has met, so that each run has a conversation of its own. */
const somebody = (name: string) => `${name} ${Date.now() % 1_000_000}`;

/** Lets a customer write to the demo's WhatsApp number. */
const writes = (simulator: Simulator, customer: string, text: string) =>
  simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text });

/** The messages of the opened conversation. */
const log = (page: Page) => page.getByRole('log', { name: 'Messages' });

/** The draft above the form. */
const draft = (page: Page) => page.getByRole('region', { name: 'Assistant draft' });

/** Opens the inbox as the owner, and in it the conversation of a customer who wrote. */
async function open(page: Page, customer: string): Promise<void> {
  await signIn(page, 'owner');
  await page.goto(`${new URL(page.url()).pathname}/inbox`);
  const line = page.locator('.inbox-line', { hasText: customer });
  await expect(line).toBeVisible({ timeout: 60_000 });
  await line.click();
  await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
}

/** Chooses what the assistant may do in the opened conversation. */
async function choose(page: Page, mode: string): Promise<void> {
  await page.locator('summary', { hasText: /Assistant: (Off|Draft|Auto)/ }).click();
  await page.getByRole('button', { name: mode, exact: true }).click();
  await expect(page.locator('summary', { hasText: `Assistant: ${mode}` })).toBeVisible();
}

/** Expects that a text is read as it was written, and that nothing of it became markup. */
async function expectText(page: Page, place: Locator): Promise<void> {
  await expect(place).toContainText(hostile);
  await expect(page.locator('img[src="x"], [data-x]')).toHaveCount(0);
  expect(await page.evaluate(() => document.body.dataset.hacked)).toBeUndefined();
}

test('a customer asks, and a person changes the draft and sends it', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Dora Draft');
  const phone = await page.context().newPage();

  await test.step('the customer asks on the phone', async () => {
    await phone.goto(`${simulator.url}/_sim/phone`);
    await phone.getByLabel('Name or number').fill(customer);
    await phone.getByLabel('First message').fill(hours.question);
    await phone.getByRole('button', { name: 'Write' }).click();
    await expect(phone.locator('#thread')).toContainText(hours.question);
  });

  await test.step('a draft stands there by itself, with what it is taken from', async () => {
    await open(page, customer);
    await expect(draft(page)).toContainText(hours.answer, { timeout: 60_000 });
    const source = draft(page).locator('li', { hasText: hours.question });
    await source.locator('summary').click();
    await expect(source.locator('.inbox-quote')).toContainText(hours.answer);
    await expect(phone.locator('#thread')).not.toContainText(hours.answer);
    await expectNoBarriers(page);
  });

  await test.step('on a phone messages keep their room beside a draft, and the form ends with the screen', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const edge = async (place: Locator) => {
      const box = await place.boundingBox();
      return { top: box?.y ?? Infinity, bottom: (box?.y ?? Infinity) + (box?.height ?? 0) };
    };
    // A conversation fills the screen: the dock stands below the list alone.
    await expect(page.locator('.dock')).toBeHidden();
    const forms = page.locator('.inbox-thread > :has(> .inbox-composer)');
    expect((await edge(forms)).bottom).toBeLessThanOrEqual(844);
    const shown = await edge(draft(page));
    expect(shown.top).toBeLessThan(shown.bottom);
    expect(shown.bottom).toBeLessThanOrEqual(844);
    const source = draft(page).locator('li', { hasText: hours.question }).locator('summary');
    for (const one of [source, draft(page).getByRole('button', { name: 'Send draft' })]) await expect(one).toBeInViewport({ ratio: 0.9 });
    expect((await log(page).boundingBox())?.height).toBeGreaterThan(844 * 0.35);
    await page.getByText('Write your own reply').click();
    await forms.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    expect((await edge(page.getByRole('button', { name: 'Send', exact: true }))).bottom).toBeLessThanOrEqual(844);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  await test.step('changed by a person it is sent, delivered, and the draft is gone', async () => {
    await draft(page).locator('summary', { hasText: 'Edit' }).click();
    await page.getByLabel('Your edited draft').fill('Good morning! From Monday to Friday, 8 to 5.');
    await draft(page).getByRole('button', { name: 'Send edited' }).click();
    const answer = log(page).locator('li', { hasText: 'From Monday to Friday, 8 to 5.' });
    await expect(answer).toContainText('Assistant');
    await expect(answer.locator('[data-status]')).toHaveText(/Delivered|Read/, { timeout: 60_000 });
    await expect(draft(page)).toHaveCount(0);
    await expect(phone.locator('#thread')).toContainText('From Monday to Friday, 8 to 5.', { timeout: 60_000 });
  });

  await test.step('the assistant goes on: the next draft is sent as it is', async () => {
    await writes(simulator, customer, cleaning.question);
    await expect(draft(page)).toContainText(cleaning.answer, { timeout: 60_000 });
    await draft(page).getByRole('button', { name: 'Send draft' }).click();
    await expect(log(page).locator('.inbox-out', { hasText: cleaning.answer })).toBeVisible();
    await expect(draft(page)).toHaveCount(0);
  });

  await phone.close();
});

test('a draft is dismissed, and gone when a person takes over', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Dario Dismissed');
  await writes(simulator, customer, hours.question);
  await open(page, customer);
  await expect(draft(page)).toContainText(hours.answer, { timeout: 60_000 });
  await draft(page).getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByText('Draft dismissed.').first()).toBeVisible();
  await expect(draft(page)).toHaveCount(0);
  await expect(log(page)).not.toContainText(hours.answer);

  await writes(simulator, customer, cleaning.question);
  await expect(draft(page)).toContainText(cleaning.answer, { timeout: 60_000 });
  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByRole('button', { name: 'Hand back' })).toBeVisible();
  await expect(draft(page)).toHaveCount(0);
  await expect(log(page)).not.toContainText(cleaning.answer);
});

test('in auto mode it answers, hands over to a person, and takes the conversation back', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Auro Auto');
  await writes(simulator, customer, hours.question);
  await open(page, customer);
  await choose(page, 'Auto');

  await test.step('it answers by itself and says that no person does', async () => {
    await writes(simulator, customer, cleaning.question);
    const answer = log(page).locator('.inbox-out', { hasText: cleaning.answer });
    await expect(answer).toBeVisible({ timeout: 60_000 });
    await expect(answer.locator('[data-status]')).toHaveText(/Delivered|Read/, { timeout: 60_000 });
    await expect(log(page)).toContainText('You are chatting with an automated assistant.');
    await expect(draft(page)).toHaveCount(0);
  });

  await test.step('asked for a person it hands over, tells the customer and leaves a summary', async () => {
    await writes(simulator, customer, 'Can I talk to a person, please?');
    const note = log(page).locator('.inbox-assistant-note');
    await expect(note).toContainText('Handed over to you. The customer asked for a person.', { timeout: 60_000 });
    await expect(note).toContainText('Assistant note');
    await expect(log(page)).toContainText('Somebody from our team will answer you here.');
    await expect(page.locator('.inbox-line', { hasText: customer })).toContainText('Needs a person');
    await expectNoBarriers(page);
  });

  await test.step('given back, it answers again', async () => {
    await page.getByRole('button', { name: 'Hand back' }).click();
    await expect(page.getByRole('button', { name: 'Take over' })).toBeVisible();
    await writes(simulator, customer, 'Where can I park?');
    await expect(log(page).locator('.inbox-out', { hasText: 'You can park behind the house' })).toBeVisible({ timeout: 60_000 });
  });
});

test('what customers and people write stays text', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Hugo <b data-x>Hostile</b>');
  await writes(simulator, customer, hours.question);
  await open(page, customer);
  await expect(draft(page)).toContainText(hours.answer, { timeout: 60_000 });
  await draft(page).locator('summary', { hasText: 'Edit' }).click();
  await page.getByLabel('Your edited draft').fill(hostile);
  await draft(page).getByRole('button', { name: 'Send edited' }).click();
  await expectText(page, log(page).locator('.inbox-out').last());
  await writes(simulator, customer, `${hostile}</textarea><script>document.body.dataset.hacked=1</script>`);
  await expect(log(page).locator('.inbox-in', { hasText: 'onerror' })).toBeVisible({ timeout: 60_000 });
  await expectText(page, log(page).locator('.inbox-in').last());
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a draft is read with its source and sent', async ({ page, simulator }) => {
    test.setTimeout(300_000);
    const customer = somebody('Petra Plain');
    await writes(simulator, customer, hours.question);
    await signIn(page, 'owner');
    const inbox = `${new URL(page.url()).pathname}/inbox?q=${encodeURIComponent(customer)}`;
    const line = page.locator('.inbox-line', { hasText: customer });
    await expect.poll(async () => (await page.goto(inbox), line.count()), { timeout: 60_000 }).toBe(1);
    await line.click();
    await expect.poll(async () => (await page.reload(), draft(page).count()), { timeout: 60_000 }).toBe(1);
    await draft(page).getByRole('button', { name: 'Send draft' }).click();
    await expect(log(page).locator('.inbox-out')).toContainText(hours.answer);
    await expect(draft(page)).toHaveCount(0);
  });
});
