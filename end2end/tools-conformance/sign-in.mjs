// Signs in by browser with the official client: it registers, says which address a person has to open, waits on this machine for
// the person to come back, works with the tools, and renews its tokens. Another program tries its refresh token, too.
// Usage: node sign-in.mjs ADDRESS NAME TOOL; a first line of JSON holds the address to open, a second one what became of it.
import { createServer } from 'node:http';
import { once } from 'node:events';
import {
  auth, discoverOAuthServerInfo, refreshAuthorization, registerClient, UnauthorizedError,
} from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [address, name, tool] = process.argv.slice(2);
const answered = '<!doctype html><html lang="en"><title>Back</title><link rel="icon" href="data:,"><h1>You are back</h1></html>';

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const redirect = `http://127.0.0.1:${server.address().port}/callback`;
const back = new Promise((came) => {
  server.on('request', (request, answer) => {
    answer.setHeader('content-type', 'text/html; charset=utf-8');
    answer.end(answered);
    const { pathname, searchParams } = new URL(request.url, redirect);
    if (pathname === '/callback') came(searchParams);
  });
});

const tell = (line) => console.log(JSON.stringify(line));
const metadata = (calledName) => ({
  client_name: calledName,
  redirect_uris: [redirect],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
});
const kept = { state: crypto.randomUUID() };
const provider = {
  redirectUrl: redirect,
  clientMetadata: metadata(name),
  state: () => kept.state,
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client; },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens; },
  redirectToAuthorization: (url) => tell({ open: url.href }),
  saveCodeVerifier: (verifier) => { kept.verifier = verifier; },
  codeVerifier: () => kept.verifier,
};
const transport = () => new StreamableHTTPClientTransport(new URL(address), { authProvider: provider });
const client = () => new Client({ name: 'slipway-journey', version: '1' });

/** The names of all tools, which come page by page. */
async function listed(connected) {
  const names = [];
  let cursor;
  do {
    const page = await connected.listTools(cursor === undefined ? undefined : { cursor });
    names.push(...page.tools.map((one) => one.name));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return names;
}

/** The word of OAuth with which the server refuses another program that shows this refresh token. */
async function refusedTo(other, refreshToken) {
  const { authorizationServerUrl, authorizationServerMetadata } = await discoverOAuthServerInfo(address);
  const found = { metadata: authorizationServerMetadata };
  const clientInformation = await registerClient(authorizationServerUrl, { ...found, clientMetadata: metadata(other) });
  const asked = refreshAuthorization(authorizationServerUrl, { ...found, clientInformation, refreshToken });
  return asked.then(() => 'nothing', (error) => error.errorCode);
}

const first = transport();
await client().connect(first).catch((error) => {
  if (!(error instanceof UnauthorizedError)) throw error;
});
const came = await back;
if (came.has('code')) {
  await first.finishAuth(came.get('code'));
  const connected = client();
  await connected.connect(transport());
  const tools = await listed(connected);
  const called = await connected.callTool({ name: tool, arguments: {} });
  const before = kept.tokens;
  const stranger = await refusedTo(`${name} of somebody else`, before.refresh_token);
  const renewed = await auth(provider, { serverUrl: address });
  const again = await listed(connected);
  const isFresh = kept.tokens.access_token !== before.access_token && kept.tokens.refresh_token !== before.refresh_token;
  await connected.close();
  const isOwnState = came.get('state') === kept.state;
  const isSameList = again.join() === tools.join();
  tell({ isOwnState, issuer: came.get('iss'), tools, called, stranger, renewed, isFresh, isSameList });
} else {
  tell({ refused: came.get('error'), isOwnState: came.get('state') === kept.state });
}
process.exit(0);
