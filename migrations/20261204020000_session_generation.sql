-- A sign-in under way must not outlive the act that ends every session, and an agency that lets somebody go ends what they were
-- offered in its clients too. The former version reads and writes nothing of this.
-- oldest program: 20261203104000

-- How often every session of the person was ended. A session carries the number it began under and ends when it differs.
alter table users add column session_generation int not null default 0;
grant select (session_generation) on users to app_rt, app_worker, app_platform;

-- As lookup.auth_user, with the generation read in the same statement as the hash: a session begun by that hash carries it.
create function lookup.account(p_email text) returns table (id uuid, password_hash text, disabled boolean, session_generation int)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select id, password_hash, disabled_at is not null or deleted_at is not null, session_generation from public.users where email_normalized = lower(p_email) $$;
grant select (session_generation) on users to app_lookup;
alter function lookup.account(text) owner to app_lookup;
revoke execute on function lookup.account(text) from public;
grant execute on function lookup.account(text) to app_rt;

-- An agency's invitations to its clients, which it can only end: what is written must be over.
create policy end_invites on one_time_tokens for all to app_rt, app_worker
  using (purpose = 'invite' and agency_id = (select nullif(current_setting('app.current_agency_id', true), '')::uuid))
  with check (purpose = 'invite' and agency_id = (select nullif(current_setting('app.current_agency_id', true), '')::uuid) and expires_at <= now());
