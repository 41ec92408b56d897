-- An audit log that proves more and forgets in order: what may be erased is hashed apart, rows wait for their link on a list
-- instead of being looked for, signed heads follow one another, and rows older than 400 days go behind a signed cut.
-- Rows and links of the version before keep their hashes (version 1) and go on being checked by them. A process of the version
-- before goes on writing and linking rows through the functions below; only its `verify-audit` does not know links of version 2.
-- oldest program: 20261203104000

alter table audit_events add column hash_version smallint not null default 1, add column erasable_hash bytea;
alter table audit_links add column hash_version smallint not null default 1;
alter table audit_checkpoints add column hash_version smallint not null default 1, add column prev_hash bytea;

-- [I] rows of the log that have no link yet, written with the row · gone when it is linked · writers of the log, sealer
create table audit_pending (
  event_id uuid primary key,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  chain_id uuid not null
);
create index audit_pending_chain on audit_pending (chain_id, created_at, event_id);

-- [W] up to where a chain was removed after its time: the last link that went, signed · one row per chain · worker
create table audit_cuts (
  chain_id uuid primary key,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  seq bigint not null,
  hash bytea not null,
  checkpoint_hash bytea,
  key_id int not null,
  signature bytea not null
);

-- One value of a hashed row: absent, or its length and its bytes, so that neighbouring values never run together.
create function audit_part(value text) returns bytea language sql immutable as $$
  select case when value is null then '\x00'::bytea else '\x01'::bytea || int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8') end $$;

-- What may be erased on request, with the row's salt: nobody can guess it from the hash that stays.
create function audit_erasable(e audit_events) returns bytea language sql immutable as $$
  select sha256(e.salt || audit_part(e.reason) || audit_part(host(e.ip)) || audit_part(e.session_ref) || audit_part(e.payload::text)) $$;

-- The rest, without salt, and the hash of what may be erased. The first byte names the version.
create function audit_kept(e audit_events) returns bytea language sql immutable as $$
  select sha256('\x02'::bytea || audit_part(e.id::text) || audit_part(e.chain_id::text) || audit_part(e.agency_id::text) || audit_part(e.sub_account_id::text)
    || audit_part(e.actor_kind) || audit_part(e.actor_id::text) || audit_part(e.on_behalf_of::text) || audit_part(e.impersonation_id::text) || audit_part(e.action)
    || audit_part(e.object_type) || audit_part(e.object_id) || audit_part(e.result) || audit_part(e.request_id) || audit_part((extract(epoch from e.created_at) * 1000000)::bigint::text)
    || audit_part(encode(e.erasable_hash, 'hex'))) $$;

create or replace function audit_content_hash() returns trigger language plpgsql as $$
begin
  new.chain_id := coalesce(new.agency_id, '00000000-0000-0000-0000-000000000000');
  new.hash_version := 2;
  new.erasable_hash := audit_erasable(new);
  new.content_hash := audit_kept(new);
  insert into audit_pending (event_id, chain_id, created_at) values (new.id, new.chain_id, new.created_at);
  return new;
end $$;

-- Links the next rows of a chain. A link of version 2 also says where it stands; one of version 1 is as it always was.
create or replace function audit_seal(chain uuid, most int default 1000) returns bigint language plpgsql as $$
declare
  s bigint;
  p bytea;
  h bytea;
  e record;
  n bigint := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit:' || chain, 0));
  select seq, hash into s, p from audit_links where chain_id = chain order by seq desc limit 1;
  if s is null then
    select seq, hash into s, p from audit_cuts where chain_id = chain;
  end if;
  s := coalesce(s, 0);
  p := coalesce(p, sha256(convert_to(chain::text, 'UTF8')));
  for e in select a.id, a.content_hash, a.hash_version, l.event_id is not null as linked
           from audit_pending w join audit_events a on a.id = w.event_id left join audit_links l on l.event_id = w.event_id
           where w.chain_id = chain order by w.created_at, w.event_id limit most loop
    delete from audit_pending where event_id = e.id;
    n := n + 1;
    continue when e.linked;
    s := s + 1;
    h := case when e.hash_version = 1 then sha256(p || e.content_hash) else sha256('\x02'::bytea || int8send(s) || p || e.content_hash) end;
    insert into audit_links (chain_id, seq, event_id, prev_hash, hash, hash_version) values (chain, s, e.id, p, h, e.hash_version);
    p := h;
  end loop;
  return n;
end $$;

-- Erases what a row says about a person, on request, as the owner of the database: the row keeps its place in the chain, and an
-- act in the same chain names it and says why. `call ops.erase_audit('ROW', 'why')`, as a superuser.
create procedure ops.erase_audit(event uuid, why text) language plpgsql as $$
begin
  insert into audit_events (agency_id, actor_kind, action, object_type, object_id, reason, chain_id, content_hash)
    select agency_id, 'system', 'audit.erased', 'audit_event', id::text, why, chain_id, '' from audit_events where id = event;
  if not found then raise exception 'no such row of the audit log, or none this role may see'; end if;
  update audit_events set salt = '', payload = '{}', reason = null, ip = null, session_ref = null where id = event;
end $$;
revoke execute on procedure ops.erase_audit(uuid, text) from public;

call ops.protect('audit_pending', 'I');
call ops.protect('audit_cuts', 'W');
revoke update, delete on audit_pending from app_rt, app_platform;
revoke insert, update, delete on audit_cuts from app_rt, app_platform;

-- Rows of the log and their links go after 400 days, by the worker alone; the database refuses younger ones whatever is asked.
grant delete on audit_events, audit_links, audit_checkpoints to app_worker;
create policy retention on audit_events for delete to app_worker using (created_at < now() - interval '400 days');
create policy retention on audit_links as restrictive for delete to app_worker using (created_at < now() - interval '400 days');
create policy retention on audit_checkpoints as restrictive for delete to app_worker using (created_at < now() - interval '400 days');

-- The next migration looks for rows that lie without a link, as the owner; the one behind it takes this right back.
create policy backfill on audit_events for select to app_owner using (true);
create policy backfill on audit_links for select to app_owner using (true);
create policy backfill on audit_pending for insert to app_owner with check (true);

call ops.index_fks();
