// Tests web chat by clicking: a business allows its web site, a visitor of that site writes from a page with a strict policy, a
// person answers in the inbox, and the visitor reads it. Other browsers see nothing of it, and other sites no chat.
import { type FrameLocator, type Page } from '@playwright/test';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expect, expectNoBarriers, signIn, test } from '../fixtures';

/** What hostile texts say. As markup it would load a picture and run a script. */
const hostile = `<img src="x" onerror="document.body.dataset.hacked=1"><b data-x>bold</b>`;

/** A web site of somebody else: its policy allows our script and our frame, and its styles fit none of our elements. */
class Site {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(html: () => string): Promise<Site> {
    const ours = process.env.BASE_URL!;
    const server = createServer((_, answer) => {
      answer.setHeader('content-type', 'text/html; charset=utf-8');
      answer.setHeader('content-security-policy', `default-src 'none'; img-src data:; script-src ${ours}; frame-src ${ours}`);
      answer.end(`<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,">${html()}</head><body><main><h1>Our shop</h1></main></body></html>`);
    });
    await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
    return new Site(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  stop = () => this.server.close();
}

/** The chat in a page of a web site. */
const chatOf = (page: Page): FrameLocator => page.frameLocator('iframe[data-web-chat]');

/** Opens the chat with the keyboard, as somebody without a mouse does. */
async function open(page: Page): Promise<FrameLocator> {
  const chat = chatOf(page);
  await chat.getByRole('button', { name: 'Open the chat' }).press('Enter');
  await expect(chat.getByRole('dialog')).toBeVisible();
  await expect(chat.getByLabel('Your message')).toBeFocused();
  return chat;
}

test('a visitor of a web site writes and is answered', async ({ page, browser }) => {
  test.setTimeout(300_000);
  let snippet = '';
  const site = await Site.start(() => snippet);
  const stranger = await Site.start(() => snippet);
  const context = await browser.newContext();
  const visitor = await context.newPage();
  const errors: string[] = [];
  visitor.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const name = `Vera Visitor ${Date.now() % 1_000_000}`;

  await test.step('the owner allows the site and gets a line for its pages', async () => {
    await signIn(page, 'owner');
    await page.goto(`${new URL(page.url()).pathname}/integrations`);
    await page.getByLabel('Your websites').fill('nowhere');
    await page.getByRole('button', { name: 'Turn on web chat' }).click();
    await expect(page.getByText('Enter addresses such as').first()).toBeVisible();
    await page.getByLabel('Your websites').fill(site.url);
    await page.getByLabel('Greeting').fill(`Welcome! ${hostile}`);
    await page.getByRole('button', { name: 'Turn on web chat' }).click();
    await expect(page.getByText('The web chat is on').first()).toBeVisible();
    snippet = (await page.locator('#web-chat [data-copy]').getAttribute('data-copy'))!;
    expect(snippet).toMatch(/^<script src="[^"]+\/chat\/[a-z0-9]{24}\.js" async><\/script>$/);
    await expectNoBarriers(page);
  });

  await test.step('the visitor opens the chat on a page with a strict policy and writes', async () => {
    await visitor.goto(site.url);
    const frame = visitor.locator('iframe[data-web-chat]');
    await expect(frame).toHaveCSS('width', '72px');
    const chat = await open(visitor);
    await expect(frame).toHaveCSS('width', '400px');
    await expect(chat.locator('#greeting')).toHaveText(`Welcome! ${hostile}`);
    await expectNoBarriers(visitor);
    await chat.getByText('Tell us who you are').click();
    await chat.getByLabel('Name').fill(name);
    await chat.getByLabel('Your message').fill(hostile);
    await chat.getByLabel('Your message').press('Enter');
    await expect(chat.getByRole('log').getByRole('listitem')).toHaveText(`You${hostile}`);
    await expect(chat.locator('img, [data-x]')).toHaveCount(0);
    await expectNoBarriers(visitor);
  });

  await test.step('a person answers in the inbox, and sees that it was read', async () => {
    await page.goto(new URL(page.url()).pathname.replace(/integrations$/, 'inbox'));
    const line = page.locator('.inbox-line', { hasText: name });
    await expect(line).toContainText('Web chat');
    await line.click();
    await expect(page.getByRole('log', { name: 'Messages' })).toContainText(hostile);
    await expect(page.locator('.pip')).toHaveAttribute('data-state', 'live');
    await page.getByLabel('Your message').fill('We are open until six.');
    await page.keyboard.press('Control+Enter');
    await expect(chatOf(visitor).getByRole('log')).toContainText('We are open until six.', { timeout: 60_000 });
    const answer = page.getByRole('log', { name: 'Messages' }).locator('li', { hasText: 'until six' });
    await expect(answer.locator('[data-status]')).toHaveText('Read', { timeout: 60_000 });
  });

  await test.step('closing gives the focus back, and the conversation is there after a reload', async () => {
    await chatOf(visitor).getByLabel('Your message').press('Escape');
    await expect(chatOf(visitor).getByRole('dialog')).toBeHidden();
    await expect(chatOf(visitor).getByRole('button', { name: 'Open the chat' })).toBeFocused();
    await visitor.reload();
    const chat = await open(visitor);
    await expect(chat.getByRole('log')).toContainText('We are open until six.');
    expect(errors, 'errors on the console of the web site').toEqual([]);
  });

  await test.step('on a phone the chat takes the whole screen', async () => {
    await visitor.setViewportSize({ width: 390, height: 780 });
    await expect(visitor.locator('iframe[data-web-chat]')).toHaveCSS('width', '390px');
  });

  await test.step('another browser sees nothing of it, and another site no chat', async () => {
    const elsewhere = await (await browser.newContext()).newPage();
    await elsewhere.goto(site.url);
    const chat = await open(elsewhere);
    await expect(chat.getByRole('listitem')).toHaveCount(0);
    await elsewhere.goto(stranger.url);
    await expect(elsewhere.locator('iframe[data-web-chat]')).toBeVisible();
    await expect(chatOf(elsewhere).getByRole('button', { name: 'Open the chat' })).toHaveCount(0);
    await elsewhere.context().close();
  });

  await context.close();
  site.stop();
  stranger.stop();
});
