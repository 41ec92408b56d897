// A tool server made with the official SDK: over stateless streamable HTTP it reads contacts of one business from the same Postgres,
// a server for each request, as the manual says; over standard input and output it repeats what it is told.
import { createServer } from "node:http";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const options = JSON.parse(process.argv[2] ?? "{}");

/** The columns and rows that our tool reads. */
const CONTACTS = `select id, name, email, phone, company, created_at, last_activity_at, opted_out_at is not null as opted_out
  from contacts where sub_account_id = $1 and erasing_at is null order by id desc limit $2`;

/** A server with one tool. */
function serverOf(name, run) {
  const server = new Server({ name: "peer", version: "1" }, { capabilities: { tools: {} } });
  const tool = { name, description: name, inputSchema: { type: "object" } };
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [tool] }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const result = await run(params.arguments ?? {});
    return { content: [{ type: "text", text: JSON.stringify(result) }], structuredContent: result };
  });
  return server;
}

const parts = {
  async http() {
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({ connectionString: options.url, max: options.pool });
    const contacts = async ({ limit }) => {
      const { rows } = await pool.query(CONTACTS, [options.business, limit + 1]);
      const next = rows.length > limit ? rows[limit - 1].id : null;
      return { contacts: rows.slice(0, limit), next };
    };
    const http = createServer(async (request, answer) => {
      const server = serverOf(options.tool, contacts);
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
      answer.on("close", () => server.close());
      await server.connect(transport);
      await transport.handleRequest(request, answer);
    });
    await new Promise((resolve) => http.listen(options.port, "127.0.0.1", resolve));
    // It ends with whoever started it.
    process.stdin.on("end", () => process.exit(0)).resume();
    process.stdout.write("ready\n");
  },
  async stdio() {
    await serverOf("echo", (said) => ({ said })).connect(new StdioServerTransport());
  },
};

await parts[options.part]();
