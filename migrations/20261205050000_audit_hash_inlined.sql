-- The hash of an audit row is one expression that Postgres expands, instead of a call of a function for each of its columns.
-- oldest program: 20261203104000

-- Postgres expands a function into the expression around it only if it is declared no steadier than what it calls, and `convert_to`
-- is stable. The bytes stay what they were.
create or replace function audit_part(value text) returns bytea language sql stable parallel safe as $$
  select case when value is null then '\x00'::bytea else '\x01'::bytea || int4send(octet_length(convert_to(value, 'UTF8'))) || convert_to(value, 'UTF8') end $$;
alter function audit_erasable(audit_events) stable;
alter function audit_kept(audit_events) stable;

-- The same two hashes as `audit_erasable` and `audit_kept`, written out: a trigger evaluates an expression without starting a query.
create or replace function audit_content_hash() returns trigger language plpgsql as $$
begin
  new.chain_id := coalesce(new.agency_id, '00000000-0000-0000-0000-000000000000');
  new.hash_version := 2;
  new.erasable_hash := sha256(new.salt || audit_part(new.reason) || audit_part(host(new.ip)) || audit_part(new.session_ref) || audit_part(new.payload::text));
  new.content_hash := sha256('\x02'::bytea || audit_part(new.id::text) || audit_part(new.chain_id::text) || audit_part(new.agency_id::text)
    || audit_part(new.sub_account_id::text) || audit_part(new.actor_kind) || audit_part(new.actor_id::text) || audit_part(new.on_behalf_of::text)
    || audit_part(new.impersonation_id::text) || audit_part(new.action) || audit_part(new.object_type) || audit_part(new.object_id) || audit_part(new.result)
    || audit_part(new.request_id) || audit_part((extract(epoch from new.created_at) * 1000000)::bigint::text) || audit_part(encode(new.erasable_hash, 'hex')));
  insert into audit_pending (event_id, chain_id, created_at) values (new.id, new.chain_id, new.created_at);
  return new;
end $$;
