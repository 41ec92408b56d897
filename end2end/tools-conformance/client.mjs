// Lists every tool of a business with the official client and calls those that are named, each with arguments as JSON.
// Usage: MCP_TOKEN=slw_… node client.mjs ADDRESS [TOOL ARGUMENTS]…; one line of JSON tells what was answered.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [address, ...calls] = process.argv.slice(2);
const headers = { authorization: `Bearer ${process.env.MCP_TOKEN}` };
const client = new Client({ name: 'slipway-journey', version: '1' });
const transport = new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } });
await client.connect(transport);

const tools = [];
let cursor;
do {
  const page = await client.listTools(cursor === undefined ? undefined : { cursor });
  tools.push(...page.tools);
  cursor = page.nextCursor;
} while (cursor !== undefined);

const results = {};
for (let at = 0; at < calls.length; at += 2) {
  results[calls[at]] = await client.callTool({ name: calls[at], arguments: JSON.parse(calls[at + 1]) });
}
const session = transport.sessionId;
await client.close();
console.log(JSON.stringify({ server: client.getServerVersion(), session, tools, results }));
