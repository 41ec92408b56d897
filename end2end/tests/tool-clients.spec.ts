// Tests the gateway of tools with programs of others: the official clients in TypeScript and Python, the inspector's command
// line and the conformance suite list the tools of a business and call one. The suite sends no token, so a relay adds it.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, people, test } from '../fixtures';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'tools-conformance');
const gateway = () => `${process.env.BASE_URL}/mcp`;

/** What programs of others get: how to find programs and a home to write to, and no setting of the product. */
const bare = () => ({ PATH: process.env.PATH, HOME: process.env.SLIPWAY_DATA });

/** The script that a package of this folder is run by. */
async function scriptOf(name: string): Promise<string> {
  const home = join(folder, 'node_modules', name);
  const { bin } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
  return join(home, typeof bin === 'string' ? bin : (Object.values(bin)[0] as string));
}

/** Runs a program in a folder where it may leave files. */
async function start(program: string, words: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, words, {
    cwd: process.env.SLIPWAY_DATA,
    env: { ...bare(), ...env },
    timeout: 60_000,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** Runs a script. */
const run = (script: string, words: string[], env: NodeJS.ProcessEnv = {}) =>
  start(process.execPath, [script, ...words], env);

/** Makes a token for the tools of Bright Dental, which acts for its owner. */
async function token(): Promise<string> {
  const words = ['token', 'create', '--business', 'bright-dental', '--scopes', 'tools', '--name', `journey ${Date.now()}`];
  const made = await promisify(execFile)(process.env.SLIPWAY_PROGRAM!, [...words, '--person', people.owner], {
    cwd: process.env.SLIPWAY_DATA,
  });
  const secret = made.stdout.trim().split('\n').at(-1)!;
  expect(secret).toMatch(/^slw_/);
  return secret;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** A relay on this machine that adds the token to each request. Its own origin becomes that of the gateway, as behind a proxy. */
async function relay(secret: string): Promise<{ url: string; stop: () => void }> {
  const pass = async (request: IncomingMessage, answer: ServerResponse) => {
    const sent = await bodyOf(request);
    const headers = new Headers({ authorization: `Bearer ${secret}` });
    for (const name of ['accept', 'content-type', 'mcp-protocol-version', 'mcp-session-id', 'last-event-id', 'origin']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value === own() ? new URL(gateway()).origin : value);
    }
    const body = sent.length === 0 ? undefined : new Uint8Array(sent);
    const left = new AbortController();
    answer.once('close', () => left.abort());
    const got = await fetch(gateway(), { method: request.method, headers, body, signal: left.signal });
    answer.statusCode = got.status;
    for (const name of ['content-type', 'mcp-session-id', 'mcp-protocol-version', 'allow']) {
      const value = got.headers.get(name);
      if (value !== null) answer.setHeader(name, value);
    }
    for await (const piece of got.body ?? []) answer.write(piece);
    answer.end();
  };
  // A client that leaves ends its stream at the gateway, too; one that waits sees that the relay failed.
  const server = createServer((request, answer) => void pass(request, answer).catch(() => answer.destroy()));
  const own = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
  return { url: `${own()}/mcp`, stop: () => server.close() };
}

test('the official client lists the tools of a business and reads its contacts', async () => {
  test.setTimeout(300_000);
  const told = await run(join(folder, 'client.mjs'), [gateway(), 'list_contacts', '{}'], { MCP_TOKEN: await token() });
  const { session, tools, results } = JSON.parse(told);
  expect(session).toMatch(/^[0-9a-f]+$/);
  expect(tools.length).toBeGreaterThan(10);
  const names: string[] = tools.map((tool: { name: string }) => tool.name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('list_contacts');
  for (const tool of tools) {
    expect(tool.name).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
    expect(tool.inputSchema.type).toBe('object');
    expect(tool.description.length).toBeGreaterThan(10);
  }
  expect(results.list_contacts.content.length).toBeGreaterThan(0);
});

test('the official client in Python does the same, with a handshake and without one', async () => {
  test.skip(!process.env.TOOLS_PYTHON, 'this machine has no Python of the version that the client needs');
  test.setTimeout(300_000);
  const secret = await token();
  const script = join(folder, 'client.py');
  for (const [mode, version] of [['legacy', '2025-11-25'], ['auto', '2026-07-28']] as const) {
    await test.step(mode, async () => {
      const words = [script, mode, gateway(), 'business_get_details', '{}'];
      const told = JSON.parse(await start(process.env.TOOLS_PYTHON!, words, { MCP_TOKEN: secret }));
      expect(told.version).toBe(version);
      const names: string[] = told.tools.map((tool: { name: string }) => tool.name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain('list_contacts');
      expect(told.results.business_get_details.isError).toBe(false);
      expect(told.results.business_get_details.structuredContent.name).toBe('Bright Dental');
    });
  }
});

test('the inspector lists the same tools from its command line', async () => {
  test.setTimeout(300_000);
  const secret = await token();
  const words = ['--cli', gateway(), '--transport', 'http', '--method', 'tools/list'];
  const inspector = await scriptOf('@modelcontextprotocol/inspector');
  const told = await run(inspector, [...words, '--header', `Authorization: Bearer ${secret}`]);
  expect(told).toContain('"list_contacts"');
  expect(told).not.toContain(secret);
});

// The other scenarios of the suite call tools, prompts and resources that only a server made for it has.
const scenarios = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'tools-list',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
];

test('the conformance suite finds the protocol as it is written down', async () => {
  test.setTimeout(300_000);
  const suite = await scriptOf('@modelcontextprotocol/conformance');
  const { url, stop } = await relay(await token());
  try {
    for (const scenario of scenarios) {
      await test.step(scenario, () => run(suite, ['server', '--url', url, '--scenario', scenario]));
    }
  } finally {
    stop();
  }
});

test('a client without a token, or with that of somebody else, is let in nowhere', async ({ request }) => {
  const hello = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
  };
  const accept = { accept: 'application/json, text/event-stream' };
  expect((await request.post('/mcp', { data: hello, headers: accept })).status()).toBe(401);
  const foreign = { ...accept, authorization: `Bearer ${await token()}` };
  expect((await request.post('/mcp/luna-yoga', { data: hello, headers: foreign })).status()).not.toBe(200);
  const attacker = { ...foreign, origin: 'https://attacker.example' };
  expect((await request.post('/mcp', { data: hello, headers: attacker })).status()).toBe(403);
});
