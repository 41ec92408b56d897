// An intake of Meta's events made with Fastify and pg: the signature is checked over the bytes as they came, each body is one
// insert, and then it is answered.
import { createHmac, timingSafeEqual } from "node:crypto";
import Fastify from "fastify";
import pg from "pg";

const options = JSON.parse(process.argv[2] ?? "{}");

const TABLE = `create table if not exists inbound_events (
  id uuid primary key default gen_random_uuid(), created_at timestamptz not null default now(), provider text not null,
  body bytea not null, body_sha256 bytea not null, state text not null default 'received')`;
const INSERT = {
  name: "add",
  text: "insert into inbound_events (provider, body, body_sha256) values ('meta', $1, sha256($1))",
};

const pool = new pg.Pool({ connectionString: options.url, max: options.pool });
await pool.query(TABLE);

/** Whether the app's secret signed a body. */
function isSigned(body, header = "") {
  const made = Buffer.from(`sha256=${createHmac("sha256", options.secret).update(body).digest("hex")}`);
  const given = Buffer.from(header);
  return given.length === made.length && timingSafeEqual(given, made);
}

const fastify = Fastify({ bodyLimit: 4 << 20 });
fastify.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => done(null, body));
fastify.post("/api/webhooks/meta", async (request, reply) => {
  if (!isSigned(request.body, request.headers["x-hub-signature-256"])) return reply.code(401).send();
  await pool.query({ ...INSERT, values: [request.body] });
  return reply.code(200).send();
});
await fastify.listen({ port: options.port, host: "127.0.0.1" });
// It ends with whoever started it.
process.stdin.on("end", () => process.exit(0)).resume();
process.stdout.write("ready\n");
