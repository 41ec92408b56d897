// Tests the inbox by clicking: a customer writes and the line appears by itself, a person answers and sees that it arrived,
// leaves a note, assigns and closes the conversation. On a phone nothing scrolls sideways and each act is in reach. After a day
// only a template can be sent. The agency sees every client.
import { type Page } from '@playwright/test';
import { expect, expectNoBarriers, signIn, signOut, test, type Simulator } from '../fixtures';

/** A customer whom nobody has met, so that each run has a conversation of its own. */
const somebody = (name: string) => `${name} ${Date.now() % 1_000_000}`;

/** Lets a customer write to the demo's WhatsApp number. */
const writes = (simulator: Simulator, customer: string, text: string, more: object = {}) =>
  simulator.call('POST', '/_sim/meta/inbound', { channel: 'whatsapp', customer, text, ...more });

/** The line of a customer in the list. */
const line = (page: Page, customer: string) => page.locator('.inbox-line', { hasText: customer });

/** The messages of the opened conversation. */
const log = (page: Page) => page.getByRole('log', { name: 'Messages' });

async function openInbox(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Inbox' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
}

/** The menu that a phone has in place of the row of acts above a conversation. */
const more = (page: Page) => page.locator('.inbox-more');

/** Opens that menu. */
async function openMore(page: Page): Promise<void> {
  await more(page).locator('summary').click();
  await expect(more(page).getByRole('list')).toBeVisible();
}

/** Expects the notice of an act, which the page that answers its form shows. */
const told = (page: Page, text: string) => expect(page.locator('.toast', { hasText: text })).toBeVisible();

/** Expects that nothing on the page is wider than a phone. */
async function expectNarrow(page: Page, width = 390): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
}

/** Expects that nothing inside a conversation scrolls sideways either. */
async function expectNoSidewaysScroll(page: Page, width: number): Promise<void> {
  await expectNarrow(page, width);
  const wide = await page.locator('.inbox-thread, .inbox-thread *').evaluateAll((all) =>
    all
      .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
      .map((one) => `${one.tagName} ${one.className}`),
  );
  expect(wide, `parts that scroll sideways at ${width} px`).toEqual([]);
}

test('a customer writes, a person answers, and the answer arrives', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Nora Journey');
  await signIn(page, 'owner');
  await openInbox(page);
  await expectNoBarriers(page);

  await test.step('the line appears by itself, and opening it marks it as read', async () => {
    await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
    await writes(simulator, customer, 'Do you have an appointment on Friday?');
    await expect(line(page, customer)).toBeVisible({ timeout: 60_000 });
    await expect(line(page, customer)).toContainText('1 unread message');
    await expect(line(page, customer)).toContainText('WhatsApp');
    await line(page, customer).click();
    await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
    await expect(log(page)).toContainText('Do you have an appointment on Friday?');
    await expect(page.locator('[data-window]')).toContainText('You can reply for');
    await expect(line(page, customer)).not.toContainText('unread message');
    await expectNoBarriers(page);
  });

  await test.step('the answer is sent with the keyboard, delivered and read', async () => {
    // The form goes as it does without scripts; meanwhile the page shows what is on its way.
    const sending = page.locator('[data-sent]');
    await expect(sending).toBeHidden();
    // The page itself keeps what it showed: a browser that waits for the next page answers no questions about this one.
    await sending.evaluate((part) => {
      const keep = () => part.hasAttribute('hidden') || sessionStorage.setItem('was-sending', part.textContent ?? '');
      new MutationObserver(keep).observe(part, { attributes: true });
    });
    await page.getByLabel('Your message').fill('Yes, at 10 or at 3. Which do you prefer?');
    await page.keyboard.press('Control+Enter');
    const answer = log(page).locator('li', { hasText: 'at 10 or at 3' });
    await expect(answer).toBeVisible();
    await expect(answer.locator('[data-status]')).toHaveText(/Delivered|Read/, { timeout: 60_000 });
    await expect(page.getByLabel('Your message')).toHaveValue('');
    const shown = await page.evaluate(() => sessionStorage.getItem('was-sending'));
    expect(shown).toContain('at 10 or at 3');
    expect(shown).toContain('Sending…');
    await expect(sending).toBeHidden();
  });

  await test.step('an answer that is refused keeps its text', async () => {
    const long = 'Too long for a message. '.repeat(500).trim();
    await page.getByLabel('Your message').fill(long);
    await page.keyboard.press('Control+Enter');
    await expect(page.locator('.form-errors')).toBeVisible();
    await expect(page.getByLabel('Your message')).toHaveValue(long);
    await expect(page.locator('[data-sent]')).toBeHidden();
    await page.reload();
    await expect(page.locator('.form-errors')).toHaveCount(0);
  });

  await test.step('what the customer writes next stands there without a reload', async () => {
    await writes(simulator, customer, 'At 3, please.');
    await expect(log(page)).toContainText('At 3, please.', { timeout: 60_000 });
  });

  await test.step('a note is for the team alone', async () => {
    await page.getByText('Note', { exact: true }).first().click();
    await page.getByLabel('Your message').fill('Prefers afternoons.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await expect(log(page).locator('.inbox-note', { hasText: 'Prefers afternoons.' })).toContainText('Note by');
    await expectNoBarriers(page);
  });

  await test.step('it is assigned and closed, and opens when the customer writes', async () => {
    await page.locator('summary', { hasText: 'Unassigned' }).click();
    await page.getByRole('button', { name: 'Me', exact: true }).click();
    await expect(page.locator('summary', { hasText: 'Assigned to me' })).toBeVisible();
    await page.getByRole('button', { name: 'Close', exact: true }).first().click();
    await expect(page.getByRole('button', { name: 'Reopen' })).toBeVisible();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Reopen' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Close', exact: true }).first().click();
    await expect(page.getByRole('button', { name: 'Reopen' })).toBeVisible();
    await writes(simulator, customer, 'One more question.');
    await expect(page.getByRole('button', { name: 'Reopen' })).toHaveCount(0, { timeout: 60_000 });
  });

  await test.step('the contact is corrected', async () => {
    await page.locator('summary', { hasText: 'Edit contact' }).click();
    await page.getByLabel(/^Company/).fill('Journey Ltd');
    await page.getByRole('button', { name: 'Save contact' }).click();
    await expect(page.getByText('Contact saved.').first()).toBeVisible();
    await expect(page.locator('.inbox-contact')).toContainText('Journey Ltd');
  });

  await test.step('a phone shows one pane at a time', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await expectNarrow(page);
    await expectNoBarriers(page);
    await page.getByRole('link', { name: 'Back to the inbox' }).click();
    await expect(line(page, customer)).toBeVisible();
    await expectNarrow(page);
    await page.setViewportSize({ width: 1280, height: 800 });
  });
});

test('on a phone a conversation fits, and each of its acts is in reach', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Phoebe Phone');
  await writes(simulator, customer, `Is this the right page? https://example.com/${'long-'.repeat(40)}`);
  await signIn(page, 'owner');
  await page.goto(`${new URL(page.url()).pathname}/inbox`);
  await expect(line(page, customer)).toBeVisible({ timeout: 60_000 });
  await line(page, customer).click();
  await expect(log(page)).toContainText('Is this the right page?');
  await page.setViewportSize({ width: 320, height: 640 });

  await test.step('one button takes the conversation over or hands it back', async () => {
    await expect(page.getByRole('link', { name: 'Back to the inbox' })).toBeInViewport({ ratio: 0.9 });
    await expect(page.locator('.inbox-left')).toBeInViewport({ ratio: 0.9 });
    // The channel is a picture here, whose name is read aloud.
    const channel = page.locator('.inbox-about > p');
    await expect(channel.locator('svg')).toBeInViewport({ ratio: 0.9 });
    await expect(channel).toContainText('WhatsApp');
    await expect(channel).toHaveAttribute('title', /^WhatsApp \u00b7 /);
    // The assistant does not know the answer and hands over, sooner or later.
    await expect(page.getByRole('button', { name: /^(Take over|Hand back)$/ })).toBeInViewport({ ratio: 0.9 });
  });

  await test.step('nothing scrolls sideways; the newest message and the form are in sight', async () => {
    for (const [width, height] of [[390, 844], [320, 640]]) {
      await page.setViewportSize({ width, height });
      await expectNoSidewaysScroll(page, width);
      await expect(log(page).getByRole('listitem').last()).toBeInViewport();
      await expect(page.getByLabel('Your message')).toBeInViewport({ ratio: 0.9 });
      await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeInViewport({ ratio: 0.9 });
    }
    await expectNoBarriers(page);
  });

  await test.step('every other act is in the menu, and fits a thumb', async () => {
    await openMore(page);
    const names = ['Close', 'Snooze until tomorrow', 'Me', 'Off', 'Auto', 'Same as the channel'];
    const acts = names.map((name) => more(page).getByRole('button', { name, exact: true }));
    for (const act of [...acts, more(page).getByRole('link', { name: 'Contact' })]) {
      await act.scrollIntoViewIfNeeded();
      await expect(act).toBeInViewport({ ratio: 0.9 });
      expect((await act.boundingBox())?.height).toBeGreaterThan(43);
    }
    await expectNoSidewaysScroll(page, 320);
    await expectNoBarriers(page);
    await expect(page.locator('html[data-hydrated]')).toBeAttached();
    await page.keyboard.press('Escape');
    await expect(more(page).getByRole('list')).toBeHidden();
  });

  await test.step('it is assigned, put off, opened again and closed', async () => {
    await openMore(page);
    await more(page).getByRole('button', { name: 'Me', exact: true }).click();
    await told(page, 'Assigned.');
    await openMore(page);
    await expect(more(page)).toContainText('Assigned to me');
    await more(page).getByRole('button', { name: 'Snooze until tomorrow' }).click();
    await told(page, 'Snoozed until tomorrow, or until the customer writes.');
    await expect(page.locator('.inbox-about')).toContainText('Snoozed');
    await expectNoSidewaysScroll(page, 320);
    await openMore(page);
    await more(page).getByRole('button', { name: 'Reopen' }).click();
    await told(page, 'Conversation reopened.');
    await expect(page.locator('.inbox-about')).toHaveAttribute('data-status', 'open');
    await openMore(page);
    await more(page).getByRole('button', { name: 'Close', exact: true }).click();
    await told(page, 'Conversation closed. It reopens when the customer writes.');
    await expect(page.locator('.inbox-about')).toContainText('Closed');
  });

  await test.step('the contact has a page, from which one comes back', async () => {
    await openMore(page);
    await more(page).getByRole('link', { name: 'Contact' }).click();
    await expect(page).toHaveURL(/\/contacts\/[0-9a-f-]{36}$/);
    await expectNarrow(page, 320);
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1, name: customer })).toBeVisible();
    await page.getByRole('link', { name: 'Back to the inbox' }).click();
    await expect(page.locator('.dock').getByRole('link', { name: 'Contacts' })).toBeVisible();
    await expectNoSidewaysScroll(page, 320);
  });
});

test('after a day only a template can be sent', async ({ page, simulator }) => {
  test.setTimeout(300_000);
  const customer = somebody('Otto Late');
  await writes(simulator, customer, 'Hello from yesterday', { seconds_ago: 25 * 3600 });
  await signIn(page, 'owner');
  await page.goto(`${new URL(page.url()).pathname}/inbox`);
  await expect(line(page, customer)).toBeVisible({ timeout: 60_000 });
  await line(page, customer).click();
  await expect(page.locator('[data-window]')).toContainText('only approved templates');
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Add note' })).toBeVisible();
  await expectNoBarriers(page);

  await page.setViewportSize({ width: 320, height: 640 });
  await page.getByRole('link', { name: 'appointment_reminder' }).click();
  const form = page.locator('details', { hasText: 'appointment_reminder' });
  await expect(form).toBeVisible();
  await expectNoSidewaysScroll(page, 320);
  await expectNoBarriers(page);
  await form.getByRole('textbox').nth(0).fill('Otto');
  await form.getByRole('textbox').nth(1).fill('Monday at 10:00');
  await form.getByRole('button', { name: 'Send template' }).click();
  await expect(log(page)).toContainText('Hi Otto, this is a reminder of your appointment on Monday at 10:00.');
  await expect(page.getByRole('link', { name: 'appointment_reminder' })).toBeVisible();
});

test('the agency sees the conversations of its clients and answers in their inbox', async ({ page, simulator }) => {
  const customer = somebody('Pia Agency');
  await writes(simulator, customer, 'Is somebody there?');
  await signIn(page, 'maya');
  await page.goto('/a/harbor/inbox');
  await expect(page.getByRole('heading', { level: 1, name: 'Inbox' })).toBeVisible();
  const row = page.locator('main tbody tr', { hasText: customer });
  await expect(row).toContainText('Bright Dental', { timeout: 60_000 });
  await expectNoBarriers(page);
  await row.getByRole('link').first().click();
  await expect(page).toHaveURL(/\/b\/[0-9a-f-]{36}\/inbox\//);
  await expect(log(page)).toContainText('Is somebody there?');
  await signOut(page);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a conversation is opened, answered and noted', async ({ page, simulator }) => {
    const customer = somebody('Quinn Plain');
    await writes(simulator, customer, 'Hello without scripts');
    await signIn(page, 'owner');
    await expect
      .poll(
        async () => {
          await page.goto(`${new URL(page.url()).pathname.replace(/\/inbox.*$/, '')}/inbox?q=${encodeURIComponent(customer)}`);
          return line(page, customer).count();
        },
        { timeout: 60_000 },
      )
      .toBe(1);
    await line(page, customer).click();
    await page.getByLabel('Your message').fill('Hello Quinn');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(log(page)).toContainText('Hello Quinn');
    // No script writes the times in the viewer's zone, so they are by the clock of the business and the page says so.
    await expect(page.locator('[data-zone]')).toHaveText(/^Times are in (?!UTC).+\.$/);
    await page.getByText('Note', { exact: true }).first().click();
    await page.getByLabel('Your message').fill('Writes without scripts.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await expect(log(page).locator('.inbox-note')).toContainText('Writes without scripts.');
    await page.setViewportSize({ width: 320, height: 640 });
    await openMore(page);
    await more(page).getByRole('button', { name: 'Close', exact: true }).click();
    await expect(page.locator('.inbox-about')).toContainText('Closed');
  });
});
