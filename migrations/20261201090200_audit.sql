-- What people and machines did, in a form that shows when someone changed it afterwards.

-- [AU] security record, written in the transaction of the act; insert-only · 400 d · web, worker, platform
create table audit_events (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  chain_id uuid not null,
  agency_id uuid,
  sub_account_id uuid,
  actor_kind text not null check (actor_kind in ('person','token','worker','system','provider')),
  actor_id uuid,
  on_behalf_of uuid,
  impersonation_id uuid,
  action text not null check (char_length(action) between 1 and 64),
  object_type text not null check (char_length(object_type) between 1 and 64),
  object_id text check (char_length(object_id) <= 64),
  result text not null default 'ok' check (result in ('ok','denied','failed')),
  reason text check (char_length(reason) <= 1000),
  request_id text check (char_length(request_id) <= 64),
  ip inet,
  session_ref text check (char_length(session_ref) <= 16),
  salt bytea not null default decode(replace(gen_random_uuid()::text, '-', ''), 'hex'),
  payload jsonb not null default '{}',
  content_hash bytea not null
);
create index audit_events_agency on audit_events (agency_id, created_at desc, id desc);
create index audit_events_business on audit_events (sub_account_id, created_at desc, id desc) where sub_account_id is not null;
create index audit_events_actor on audit_events (actor_id, created_at desc) where actor_id is not null;
create index audit_events_object on audit_events (object_type, object_id, created_at desc);

-- [W] hash chain over audit_events in sealing order; append-only · 400 d · sealer only
create table audit_links (
  chain_id uuid not null,
  seq bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  event_id uuid not null unique,
  prev_hash bytea not null,
  hash bytea not null,
  primary key (chain_id, seq)
);

-- [W] daily signed head of each chain, also exported · append · keep · sealer only
create table audit_checkpoints (
  chain_id uuid not null,
  seq bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  hash bytea not null,
  key_id int not null,
  signature bytea not null,
  primary key (chain_id, seq)
);


-- One hash over everything a row says. A JSON array keeps absent and neighbouring values apart; times and addresses are
-- written in a form that no session setting changes.
create function audit_hash(e audit_events) returns bytea language sql immutable as $$
  select sha256(e.salt || convert_to(jsonb_build_array(e.id, e.chain_id, e.agency_id, e.sub_account_id, e.actor_kind, e.actor_id, e.on_behalf_of, e.impersonation_id,
    e.action, e.object_type, e.object_id, e.result, e.reason, e.request_id, host(e.ip), e.session_ref, extract(epoch from e.created_at)::text,
    encode(sha256(convert_to(e.payload::text, 'UTF8')), 'hex'))::text, 'UTF8')) $$;

-- The row carries the hash of its own content; the sealer links rows a moment later, so no request waits for a chain head.
create function audit_content_hash() returns trigger language plpgsql as $$
begin
  new.chain_id := coalesce(new.agency_id, '00000000-0000-0000-0000-000000000000');
  new.content_hash := audit_hash(new);
  return new;
end $$;
create trigger content_hash before insert on audit_events for each row execute function audit_content_hash();

create function audit_seal(chain uuid, most int default 1000) returns bigint language plpgsql as $$
declare
  s bigint;
  p bytea;
  e record;
  n bigint := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit:' || chain, 0));
  select seq, hash into s, p from audit_links where chain_id = chain order by seq desc limit 1;
  s := coalesce(s, 0);
  p := coalesce(p, sha256(convert_to(chain::text, 'UTF8')));
  for e in select a.id, a.content_hash from audit_events a where a.chain_id = chain and a.created_at > now() - interval '2 days'
           and not exists (select from audit_links l where l.event_id = a.id) order by a.created_at, a.id limit most loop
    insert into audit_links (chain_id, seq, event_id, prev_hash, hash) values (chain, s + 1, e.id, p, sha256(p || e.content_hash)) returning seq, hash into s, p;
    n := n + 1;
  end loop;
  return n;
end $$;

call ops.protect('audit_events', 'AU', true);
call ops.protect('audit_links', 'W', true);
call ops.protect('audit_checkpoints', 'W', true);
revoke delete on audit_links, audit_checkpoints from app_worker;
revoke insert on audit_links, audit_checkpoints from app_rt, app_platform;

call ops.index_fks();
