// Tests third-party tool servers by clicking: the platform allows a program from npm, an agency sets up a server with it, a
// client's program calls its tools beside the built-in ones, and the platform stops the process that runs for it. The server is
// our own, because the client gets other tokens.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, expectNoBarriers, people, signIn, test } from '../fixtures';
import { OwnServer } from '../own-server';

const packages = join(dirname(fileURLToPath(import.meta.url)), '..', 'tools-conformance', 'node_modules');

/** The last line that a command prints. */
const last = (text: string): string => text.trim().split('\n').at(-1)!;

/** Sends what `curl -d` sends, and returns the answer if it is none of an error. */
async function curl(url: string, token: string, body?: unknown): Promise<any> {
  const sends = body === undefined ? [] : ['-X', 'POST', '-d', JSON.stringify(body)];
  const { stdout } = await promisify(execFile)('curl', ['-sSf', ...sends, '-H', `Authorization: Bearer ${token}`, url]);
  return JSON.parse(stdout);
}

test('an agency adds a tool server from npm, a client uses its tools, and the platform stops its process', async ({ browser }) => {
  test.setTimeout(300_000);
  // A user of its own runs each process, so the program lies where every user can read it.
  const folder = await mkdtemp(join(tmpdir(), 'tool-server-'));
  const server = await OwnServer.start('demo');
  try {
    await promisify(execFile)('chmod', ['755', folder]);
    await cp(packages, join(folder, 'node_modules'), { recursive: true });
    const script = join(folder, 'node_modules/@modelcontextprotocol/server-everything/dist/index.js');

    await test.step('a program hands over the tokens of the client', async () => {
      expect(JSON.parse((await promisify(execFile)('curl', ['-sSf', `${server.url}/health`])).stdout).status).toBeTruthy();
      const scopes = ['--scopes', 'credentials,businesses', '--name', 'hand over'];
      const token = last(await server.run('token', 'create', '--agency', 'harbor', ...scopes));
      const { rows } = await curl(`${server.url}/api/v1/businesses?limit=100`, token);
      const client = rows.find((row: { slug: string }) => row.slug === 'bright-dental');
      // The simulator shows the location to its own tokens alone, and this is one.
      const locationId = client.ghl_location_id;
      const stored = await curl(`${server.url}/api/tenant/credentials`, token, {
        tenantId: 'bright-dental',
        accessToken: 'pit-511b0a7d-0000-4000-8000-000000000002',
        locationId,
      });
      expect(stored).toMatchObject({ tenantId: client.id, locationId, refreshable: false });
    });

    await test.step('the platform allows the program', async () => {
      const page = await (await browser.newContext()).newPage();
      await signIn(page, 'admin', server.url);
      await page.goto(`${server.url}/admin/tool-servers`);
      await expectNoBarriers(page);
      await page.getByLabel('Name', { exact: true }).fill('everything');
      await page.getByLabel('Program').fill('node');
      await page.getByRole('button', { name: 'Allow program' }).click();
      await expect(page.getByText('Enter the whole path of the program').first()).toBeVisible();
      await page.getByLabel('Program').fill(process.execPath);
      await page.getByLabel('Arguments').fill(`${script}\nstdio`);
      await page.getByRole('button', { name: 'Allow program' }).click();
      await expect(page.getByText('Agencies can run everything now.').first()).toBeVisible();
    });

    await test.step('the agency adds a server for every client and sees its tools', async () => {
      const page = await (await browser.newContext()).newPage();
      await signIn(page, 'maya', server.url);
      await page.goto(`${server.url}/a/harbor/tool-servers`);
      await page.getByLabel('Program').selectOption({ label: 'everything' });
      await page.getByLabel('Prefix').fill('every');
      await page.getByRole('button', { name: 'Add tool server' }).click();
      await expect(page.getByText('Tool server every added').first()).toBeVisible();
      await expect(page.getByRole('main')).toContainText('every_echo', { timeout: 60_000 });
      await expectNoBarriers(page);
    });

    const name = 'Visitor of everything';
    const words = ['--business', 'bright-dental', '--scopes', 'tools', '--name', name, '--person', people.owner];
    const token = last(await server.run('token', 'create', ...words));
    await test.step('a program of the client sees them beside the built-in tools', async () => {
      const { tools } = await curl(`${server.url}/tools`, token);
      const names = tools.map((tool: { name: string }) => tool.name);
      expect(names).toContain('every_echo');
      expect(names).toContain('list_contacts');
    });

    await test.step('the owner allows one, and the program calls it', async () => {
      const page = await (await browser.newContext()).newPage();
      await signIn(page, 'owner', server.url);
      await page.getByRole('link', { name: 'AI tools' }).first().click();
      await page.getByRole('link', { name: `Permissions : ${name}` }).click();
      await page.locator('select[name="every_echo"]').selectOption('Allow');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(page.getByText('It applies from the next call on.')).toBeVisible();
      const answer = await curl(`${server.url}/tools/every_echo`, token, { message: 'hello there' });
      expect(JSON.stringify(answer)).toContain('hello there');
    });

    await test.step('the platform sees its process and stops it', async () => {
      const page = await (await browser.newContext()).newPage();
      await signIn(page, 'admin', server.url);
      await page.goto(`${server.url}/admin/tool-processes`);
      const processes = page.getByRole('main');
      await expect(processes).toContainText('Running');
      await expectNoBarriers(page);
      await page.getByRole('button', { name: /^Stop\s+of Bright Dental$/ }).click();
      await expect(page.getByText('Stopped. The next call starts a new process.').first()).toBeVisible();
      await expect(processes).not.toContainText('Running');
    });
  } finally {
    await server.kill();
    await rm(folder, { recursive: true, force: true });
  }
});
