-- Schemas, enums and the helpers every later migration uses.
-- Roles are not made here: they belong to the server, `migrate` makes them before it runs these files (store::migrate).
-- Loaded as the plain role app_owner, which FORCE ROW LEVEL SECURITY binds too: seed a table before ops.protect, back-fill
-- between `no force` and `force row level security` of that table in one transaction.

create schema ops;      -- helpers of migrations
create schema lookup;   -- the allow-listed SECURITY DEFINER functions, owner app_lookup
grant usage, create on schema lookup to app_lookup;
grant usage on schema lookup to app_rt, app_worker;

create type channel as enum ('WEBCHAT','VOICE','WHATSAPP','INSTAGRAM','FACEBOOK','SMS','EMAIL');
create type integration_type as enum ('WHATSAPP','INSTAGRAM','FACEBOOK','VAPI','GOOGLE_CALENDAR','EMAIL','GOHIGHLEVEL','STRIPE','TWILIO','SENDGRID');
create type provisioning_job_status as enum ('PENDING','IN_PROGRESS','COMPLETED','FAILED','RETRYING','CANCELLED','AWAITING_INPUT');
create type provisioning_step_status as enum ('STARTED','COMPLETED','FAILED','SKIPPED','UNDONE');
create type role_scope as enum ('platform','agency','business');

create function public.update_updated_at_column() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

-- Row-level security by class; called once per table, at its creation. Each rule is `column = (select …)`: an InitPlan
-- evaluated once per statement, so no function runs per row.
--   B business · BA business, agency reads · A agency · A+b and its business reads · AB agency or business
--   S by presented secret · S+AB that or the tenant · U and person the person · K data keys · G catalogue · Q queue and outbox
--   O open · P platform, worker reads · W worker · W+O worker, claimed by the agency · AU audit
--   R, RP roles · M:A, M:B memberships · self:A, self:B the tenant's own row
create or replace procedure ops.protect(t text, class text, append boolean default false) language plpgsql as $do$
declare
  sub  text := $$(select nullif(current_setting('app.current_sub_account_id', true), '')::uuid)$$;      -- one business
  ag   text := $$(select nullif(current_setting('app.current_agency_id', true), '')::uuid)$$;           -- one agency
  me   text := $$(select nullif(current_setting('app.current_user_id', true), '')::uuid)$$;             -- one person
  hash text := $$(select decode(nullif(current_setting('app.presented_hash', true), ''), 'hex'))$$;     -- whoever shows the secret
  allb text := $$(select case when current_setting('app.agency_reach', true) = 'all' then nullif(current_setting('app.current_agency_id', true), '')::uuid end)$$;
  list text := $$any ((select string_to_array(nullif(current_setting('app.visible_sub_account_ids', true), ''), ',')::uuid[])::uuid[])$$;
  zero text := $$'00000000-0000-0000-0000-000000000000'$$;
  who  text := 'to app_rt, app_worker';
  reach text := format('agency_id = %s or (agency_id = %s and sub_account_id = %s)', allb, ag, list);
  ab   text := format('(sub_account_id = %s or (agency_id = %s and sub_account_id is null))', sub, ag);
  all_if text := 'tenant on %I for all %s using (%s) with check (%s)';            -- table, roles, rule, rule
  read_if text := 'on %I for select %s using (%s)';
  biz text := format(all_if, t, who, 'sub_account_id = ' || sub, 'sub_account_id = ' || sub);
  agn text := format(all_if, t, who, 'agency_id = ' || ag, 'agency_id = ' || ag);
  mix text := format(all_if, t, who, ab, ab);
  agr text := 'agency_read ' || format(read_if, t, who, reach);
  wrk text := format('worker on %I for all to app_worker using (true) with check (true)', t);
  own text := format('own on %I for all %s using (user_id = %s) with check (user_id = %s)', t, who, me, me);
  shown text := format('presented on %I for all %s using (secret_hash = %s) with check (secret_hash = %s)', t, who, hash, hash);
  issue text := format('issue on %I for insert %s with check (secret_hash = %s and agency_id is null and sub_account_id is null)', t, who, hash);
  pol text[]; p text;
begin
  execute format('alter table %I enable row level security', t); execute format('alter table %I force row level security', t);
  pol := case class
    when 'B' then array[biz]  when 'BA' then array[biz, agr]  when 'A' then array[agn]  when 'AB' then array[mix, agr]
    when 'A+b' then array[agn, 'business_read ' || format(read_if, t, who, 'sub_account_id = ' || sub)]
    when 'S+AB' then array[mix, issue, 'presented ' || format(read_if, t, who, 'secret_hash = ' || hash), format('spend on %I for update %s using (secret_hash = %s) with check (secret_hash = %s)', t, who, hash, hash)]  when 'S' then array[shown, own, format('sweep on %I for all to app_worker using (expires_at < now()) with check (false)', t)]  when 'U' then array[own]
    when 'K' then array[agn, format('platform_key on %I for all %s using (agency_id is null) with check (agency_id is null)', t, who)]
    when 'G' then array['everyone ' || format(read_if, t, who, 'true')]
    when 'O' then array[format('open on %I for all %s using (true) with check (true)', t, who)]
    when 'P' then array['worker ' || format(read_if, t, 'to app_worker', 'true')]  when 'W' then array[wrk]
    when 'I' then array[wrk, format('intake on %I for insert to app_rt with check (true)', t)]
    when 'Q' then array[wrk, format('enqueue on %I for insert to app_rt with check ((sub_account_id = %s or sub_account_id is null) and (agency_id = %s or agency_id is null or sub_account_id = %s))', t, sub, ag, sub)]
    when 'W+O' then array[wrk, format('intake on %I for insert to app_rt with check (true)', t), format('claim on %I for all to app_rt using (agency_id = %s or (agency_id is null and claim_hash = %s)) with check (agency_id = %s)', t, ag, hash, ag)]
    when 'WL' then array[mix, agr, format('unroutable on %I for all to app_worker using (agency_id is null) with check (agency_id is null or agency_id = %s)', t, ag)]
    when 'AU' then array['tenant ' || format(read_if, t, 'to app_rt', ab), 'agency_read ' || format(read_if, t, 'to app_rt', 'agency_id = ' || allb), 'seal ' || format(read_if, t, 'to app_worker', 'true'),
                   format('write on %I for insert %s with check (sub_account_id = %s or agency_id = %s or (sub_account_id is null and agency_id is null))', t, who, sub, ag)]
    when 'R' then array[format('own on %I for all %s using (owner in (%s, %s)) with check (owner in (%s, %s))', t, who, sub, ag, sub, ag), 'builtin ' || format(read_if, t, who, 'owner = ' || zero)]
    when 'RP' then array[format('own on %I for all %s using (role_id in (select id from roles)) with check (role_id in (select id from roles where not is_builtin))', t, who)]
    when 'M:A' then array[agn, 'own ' || format(read_if, t, who, 'user_id = ' || me)]
    when 'M:B' then array[format(all_if, t, who, format('sub_account_id = %s or agency_id = %s', sub, ag), format('sub_account_id = %s or agency_id = %s', sub, ag)), 'own ' || format(read_if, t, who, 'user_id = ' || me)]
    when 'self:A' then array[format(all_if, t, who, 'id = ' || ag, 'id = ' || ag), 'of_business ' || format(read_if, t, who, format('id in (select agency_id from sub_accounts where id = %s)', sub))]
    when 'self:B' then array['tenant ' || format(read_if, t, who, 'id = ' || sub), format('change on %I for update %s using (id = %s) with check (id = %s)', t, who, sub, sub), format('purge on %I for delete to app_worker using (id = %s)', t, sub),
                   format('agency_write on %I for insert %s with check (agency_id = %s)', t, who, ag),
                   'agency_read ' || format(read_if, t, who, format('agency_id = %s or (agency_id = %s and id = %s)', allb, ag, list))]
    when 'person' then array[format('own on %I for all %s using (id = %s) with check (id = %s)', t, who, me, me), 'colleagues ' || format(read_if, t, who, format(
                   'id in (select user_id from user_sub_account_memberships where sub_account_id = %s) or id in (select user_id from user_agency_memberships where agency_id = %s)', sub, ag))] end;
  if pol is null then raise exception 'unknown class % of %', class, t; end if;
  foreach p in array pol loop execute 'create policy ' || p; end loop;
  execute format('grant select, insert on %I to app_rt, app_worker', t);
  if not append then execute format('grant update, delete on %I to app_rt, app_worker', t);
  elsif class <> 'AU' then execute format('grant delete on %I to app_worker', t); end if;      -- append = nobody updates; retention deletes in tenant scope
  if class not in ('B', 'S', 'U') then                                  -- platform sees metadata of all, content (class B) of none
    execute format('create policy platform on %I for all to app_platform using (true) with check (true)', t);
    execute format('grant select, insert %s on %I to app_platform', case when append then '' else ', update, delete' end, t); end if;
  execute format('create trigger set_updated_at before update on %I for each row execute function update_updated_at_column()', t);
end $do$;

-- Column grants: the named roles may do `priv` with every column but these.
create procedure ops.hide(t text, from_roles text, cols text[], priv text default 'select') language plpgsql as $$
begin
  execute format('revoke %s on %I from %s', priv, t, from_roles);
  execute format('grant %s (%s) on %I to %s', priv,
    (select string_agg(quote_ident(attname), ', ') from pg_attribute where attrelid = t::regclass and attnum > 0 and not attisdropped and attname <> all (cols)), t, from_roles);
end $$;

-- Gives every foreign key that no listed index leads with an index of its own; called at the end of each migration.
create or replace procedure ops.index_fks() language plpgsql as $do$ declare f record; begin
  for f in select c.conrelid::regclass::text as t, k.* from pg_constraint c, lateral (                       -- det = the determining column: the last one that is neither tenant nor time
      select array_agg(a.attname::text order by o) as cols, bool_or(not a.attnotnull) as nullable, coalesce((array_agg(a.attname::text order by o desc)
        filter (where a.attname not in ('agency_id', 'sub_account_id', 'role_owner') and a.attname !~ '_created_at$'))[1], (array_agg(a.attname::text order by o desc))[1]) as det
      from unnest(c.conkey) with ordinality u(n, o) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.n) k where c.contype = 'f' and c.connamespace = 'public'::regnamespace and c.conparentid = 0 order by 1, 2 loop
    continue when exists (select from pg_index i where i.indrelid = f.t::regclass and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', f.det))
      and (select a.attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = any (i.indkey::int2[]) and a.attname <> all (array_remove(f.cols, f.det)) order by array_position(i.indkey::int2[], a.attnum) limit 1) = f.det);
    execute format('create index on %I (%s)%s', f.t, case when f.cols[1] = 'sub_account_id' and f.det <> 'sub_account_id' then 'sub_account_id, ' else '' end || quote_ident(f.det), case when f.nullable then format(' where %I is not null', f.det) else '' end);
  end loop; end $do$;

-- What `migrate` has applied, in the shape other tools expect. Processes read it at start and refuse a schema they do not know.
create view schema_migrations with (security_invoker = true) as
  select version::text as version, description, installed_on as applied_at from _sqlx_migrations where success;
grant select on _sqlx_migrations, schema_migrations to app_rt, app_worker, app_platform, app_readonly;
