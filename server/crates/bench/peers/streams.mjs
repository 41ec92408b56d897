// Event streams as they are often built: a trigger notifies for each row, one connection listens, and each event is written to
// every stream of its agency.
import { createServer } from "node:http";
import pg from "pg";

const options = JSON.parse(process.argv[2] ?? "{}");

const TABLE = `
  create table events (id uuid primary key, slug text not null, topic text not null, created_at timestamptz not null default now());
  create function tell() returns trigger language plpgsql as $$
  begin
    perform pg_notify('happened', new.slug || ' ' || new.topic || ':' || new.id);
    return null;
  end $$;
  create trigger tell after insert on events for each row execute function tell()`;

/** The open streams of each agency. */
const streams = new Map();

const listener = new pg.Client({ connectionString: options.url });
await listener.connect();
await listener.query(TABLE);
listener.on("notification", ({ payload }) => {
  const [slug, event] = payload.split(" ");
  const frame = `data: ${event}\n\n`;
  for (const stream of streams.get(slug) ?? []) stream.write(frame);
});
await listener.query("listen happened");

const http = createServer((request, answer) => {
  const slug = request.url.split("/")[2];
  const ofAgency = streams.get(slug) ?? new Set();
  streams.set(slug, ofAgency.add(answer));
  answer.on("close", () => ofAgency.delete(answer));
  answer.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  answer.write("event: hello\ndata: {}\n\n");
});
await new Promise((resolve) => http.listen(options.port, "127.0.0.1", resolve));
// It ends with whoever started it.
process.stdin.on("end", () => process.exit(0)).resume();
process.stdout.write("ready\n");
