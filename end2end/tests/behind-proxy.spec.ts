// Tests the product behind a reverse proxy and under a name of its own: people sign in and send forms there, pages follow what
// changes through it, and what is copied from a page names that address. The browser leads each name below localhost here.
import { createServer, request as send, type IncomingMessage } from 'node:http';
import { type AddressInfo } from 'node:net';
import { expect, signIn, test } from '../fixtures';
import { OwnServer } from '../own-server';

/** The name that people type. Nobody else knows the server by it. */
const name = 'tools.slipway.localhost';

/** A reverse proxy that says who came, by which name and how, as proxies do. It passes on each piece as it comes. */
async function proxy(): Promise<{ port: number; to: (server: string) => void; stop: () => void }> {
  let server = '';
  const listener = createServer((asked, answer) => {
    const headers = {
      ...asked.headers,
      'x-forwarded-for': asked.socket.remoteAddress ?? '',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': asked.headers.host ?? '',
    };
    const onward = send(new URL(asked.url!, server), { method: asked.method, headers }, (told) => {
      answer.writeHead(told.statusCode!, told.headers);
      told.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((ready) => listener.listen(0, '127.0.0.1', ready));
  const stop = () => {
    listener.closeAllConnections();
    listener.close();
  };
  return { port: (listener.address() as AddressInfo).port, to: (url) => (server = url), stop };
}

/** Calls a tool by the public name, as a program on another machine does. Only browsers know names below localhost. */
async function call(port: number, tool: string, token: string, body: unknown): Promise<{ status: number; text: string }> {
  const headers = { host: `${name}:${port}`, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await new Promise<IncomingMessage>((told, failed) => {
    const asked = send({ host: '127.0.0.1', port, path: `/tools/${tool}`, method: 'POST', headers }, told);
    asked.on('error', failed);
    asked.end(JSON.stringify(body));
  });
  let text = '';
  for await (const piece of answer) text += piece;
  return { status: answer.statusCode!, text };
}

test('people and programs come by another name, through a proxy', async ({ page }) => {
  test.setTimeout(300_000);
  const front = await proxy();
  const address = `http://${name}:${front.port}`;
  const server = await OwnServer.start('demo', { PUBLIC_URL: address });
  try {
    front.to(server.url);
    await signIn(page, 'owner', address);
    await page.getByRole('link', { name: 'AI tools' }).first().click();
    await expect(page.getByRole('heading', { level: 1, name: 'AI tools' })).toBeVisible();
    const at = new URL(page.url());
    expect(at.origin).toBe(address);
    const root = `${address}${at.pathname}`;

    let token = '';
    await test.step('what is copied from a page names the address that people type', async () => {
      await page.getByLabel('Name', { exact: true }).fill('Afar');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      const card = page.locator('#connect');
      await expect(card).toContainText('Your new token');
      const lines = (await card.textContent()) ?? '';
      expect(lines).toContain(`${address}/mcp`);
      expect(lines).not.toContain(server.url);
      token = /Bearer (slw_\w+)/.exec(lines)?.[1] ?? '';
      expect(token).not.toBe('');
    });

    await test.step('a program calls, and the page hears of it through the proxy', async () => {
      expect((await call(front.port, 'business_get_details', token, {})).status).toBe(200);
      await page.goto(`${root}/approvals`);
      const title = 'Do you park behind the proxy?';
      const asked = await call(front.port, 'knowledge_add_entry', token, { kind: 'question', title, content: 'Yes.' });
      expect(asked.status, asked.text).toBe(202);
      const waiting = page.locator('article', { hasText: title });
      await expect(waiting).toBeVisible({ timeout: 60_000 });
      await waiting.getByRole('button', { name: 'Approve once' }).click();
      await expect(waiting).toHaveCount(0);
    });
    await page.goto('about:blank');
  } finally {
    await server.kill();
    front.stop();
  }
});
