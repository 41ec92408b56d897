// The inbox of an agency, rendered by Svelte in Fastify with pg: the list of conversations and the numbers of its views. It asks
// nobody who they are.
import { writeFile } from "node:fs/promises";
import Fastify from "fastify";
import pg from "pg";
import { compile } from "svelte/compiler";
import { render } from "svelte/server";

const options = JSON.parse(process.argv[2] ?? "{}");

const COMPONENT = `<script>
  let { rows, counts } = $props();
</script>
<main>
  <h1>Conversations</h1>
  <nav>{#each Object.entries(counts) as [name, count]}<a href="?view={name}">{name} <span>{count}</span></a>{/each}</nav>
  <ul>
    {#each rows as row (row.id)}
      <li class:unread={row.unread > 0}>
        <a href="?conversation={row.id}">
          <strong>{row.contact_name}</strong> <small>{row.business}</small> <span>{row.channel}</span>
          <time datetime={row.last_message_at.toISOString()}>{row.last_message_at.toLocaleString("en")}</time>
          <p>{row.last_preview}</p>
          {#if row.unread > 0}<b>{row.unread}</b>{/if}
          {#if row.assigned}<i>{row.assigned}</i>{/if}
        </a>
      </li>
    {/each}
  </ul>
</main>
`;

const LIST = {
  name: "list",
  text: `select c.id, c.contact_name, b.name as business, coalesce(nullif(h.name, ''), h.display_address) as channel, c.last_message_at,
      c.last_preview, c.unread, coalesce(nullif(u.name, ''), u.email) as assigned
    from conversations c join sub_accounts b on b.id = c.sub_account_id and b.deleted_at is null
      join channels h on h.sub_account_id = c.sub_account_id and h.id = c.channel_id left join users u on u.id = c.assigned_to
    where c.agency_id = (select id from agencies where slug = $1) and c.status = 'open'
    order by c.last_message_at desc, c.id desc limit 50`,
};
/** Each number reads at most a thousand rows, as ours do. */
const counted = (condition) =>
  `(select count(*) from (select from conversations where agency_id = a.id and status = 'open' ${condition} limit 1000) x)`;
const COUNTS = {
  name: "counts",
  text: `select ${counted("")} as open, ${counted("and unread > 0")} as unread,
      ${counted("and waiting_order < '9999-01-01 00:00:00+00'")} as waiting, ${counted("and assigned_to is null")} as unassigned
    from agencies a where a.slug = $1`,
};

const compiled = new URL("inbox.compiled.mjs", import.meta.url);
await writeFile(compiled, compile(COMPONENT, { generate: "server", filename: "Inbox.svelte" }).js.code);
const { default: Inbox } = await import(compiled);

const pool = new pg.Pool({ connectionString: options.url, max: options.pool });
const fastify = Fastify();
fastify.get("/a/:agency/inbox", async (request, reply) => {
  const values = [request.params.agency];
  const [list, counts] = await Promise.all([pool.query({ ...LIST, values }), pool.query({ ...COUNTS, values })]);
  const { head, body } = render(Inbox, { props: { rows: list.rows, counts: counts.rows[0] } });
  reply.type("text/html; charset=utf-8");
  return `<!doctype html><html lang="en"><head><title>Inbox</title>${head}</head><body>${body}</body></html>`;
});
await fastify.listen({ port: options.port, host: "127.0.0.1" });
// It ends with whoever started it.
process.stdin.on("end", () => process.exit(0)).resume();
process.stdout.write("ready\n");
