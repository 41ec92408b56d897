-- Connections say how they really stand: whether new locations get the app, whether HighLevel has paused the account, whether the
-- day's calls are used up, and whether the app was removed there after a disconnect. Installs say who sent them.
-- oldest program: 20261203104000

alter table integrations
  add column installs_future_locations boolean,   -- the consent's "install to all future locations"; null: not known
  add column suspended_at timestamptz,            -- since when HighLevel has paused the account; ends by itself
  add column limited_until timestamptz,           -- the day's calls are used up until then
  add column uninstall_asked_at timestamptz,      -- since when the app is to be removed at HighLevel
  add column uninstalled_at timestamptz,          -- when it was
  add column uninstall_error text check (char_length(uninstall_error) <= 200),  -- why it was not
  add column last_secret_version int not null default 0;  -- numbers of secrets go on after the old ones were deleted

alter table credentials
  add column refreshable boolean generated always as (sealed_refresh is not null) stored,
  add column refresh_failed_at timestamptz;       -- last renewal that did not come about; the next one waits longer each time
create index credentials_revoked on credentials (revoked_at) where revoked_at is not null;  -- retention
grant select (refreshable, refresh_failed_at) on credentials to app_platform;

alter table app_installs
  add column begun_here boolean not null default false,  -- a consent that an agency asked for here brought it
  add column company_email text check (char_length(company_email) <= 320),
  add column company_place text check (char_length(company_place) <= 255),
  add column installer text check (char_length(installer) <= 320),
  add column code_hash bytea check (length(code_hash) = 32);  -- SHA-256 of the consent code: the same delivered twice is one install
create unique index app_installs_code on app_installs (code_hash) where code_hash is not null;
create index app_installs_waiting on app_installs (installed_at) where state = 'unclaimed';  -- retention
grant select (begun_here, company_email, company_place, installer) on app_installs to app_platform;

alter table oauth_states
  add column answered_at timestamptz,             -- when the answer came; a second delivery of it is told what the first one brought
  add column outcome text check (outcome in ('connected', 'refused')),
  add column told text check (char_length(told) <= 1000);

-- Which credentials of any agency are to be renewed: in use, of a connection in use that needs no person, of an agency and a client that
-- are not in the trash. What still opens something comes first, then what has ended; each failure makes the next try wait longer, and a
-- paused account is looked at once an hour. A location's token is made anew from its company's when it is needed, so it is due only
-- where no company was ever connected. Pages by (ended, ends, id). The functions of two and three arguments stay for processes of
-- the versions before.
create function lookup.due_credentials(before timestamptz, unused_since timestamptz, after_ended boolean, after_ends timestamptz, after_id uuid, most int)
  returns table (id uuid, agency_id uuid, sub_account_id uuid, integration_id uuid, version int, ended boolean, ends timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select c.id, c.agency_id, c.sub_account_id, c.integration_id, c.version, d.ended, d.ends
     from public.credentials c
     join public.integrations i on i.agency_id = c.agency_id and i.id = c.integration_id
     join public.agencies a on a.id = c.agency_id
     cross join lateral (select coalesce(c.expires_at <= now(), false) as ended, coalesce(c.expires_at, '9000-01-01'::timestamptz) as ends) d
     where c.slot = 'current' and c.revoked_at is null and c.kind in ('oauth_company', 'oauth_location')
       and i.is_active and i.disconnected_at is null and i.needs_reauth_at is null and i.paused_at is null and a.deleted_at is null
       and not exists (select from public.sub_accounts b where b.id = c.sub_account_id and b.deleted_at is not null)
       and case when i.suspended_at is not null then greatest(c.refresh_failed_at, i.suspended_at) < now() - interval '1 hour'
           else c.refreshable and (c.expires_at < before or coalesce(c.last_used_at, c.issued_at) < unused_since)
             and (c.refresh_failures = 0 or coalesce(c.refresh_failed_at, c.updated_at) < now() - least(interval '5 minutes' * power(2, least(c.refresh_failures, 10) - 1), interval '6 hours'))
             and (i.parent_platform_id is null or not exists (select from public.integrations k where k.agency_id = i.agency_id and k.sub_account_id is null
                    and k.parent_platform_id is null and k.type = i.type and k.platform_id = i.parent_platform_id)) end
       and (d.ended, d.ends, c.id) > (after_ended, after_ends, after_id)
     order by d.ended, d.ends, c.id limit least(most, 1000) $$;
grant select (refreshable, refresh_failures, refresh_failed_at, updated_at) on credentials to app_lookup;
create policy lookup on integrations for select to app_lookup using (true);
grant select (id, agency_id, sub_account_id, type, platform_id, parent_platform_id, is_active, needs_reauth_at, paused_at, disconnected_at, suspended_at)
  on integrations to app_lookup;
alter function lookup.due_credentials(timestamptz, timestamptz, boolean, timestamptz, uuid, int) owner to app_lookup;
revoke execute on function lookup.due_credentials(timestamptz, timestamptz, boolean, timestamptz, uuid, int) from public;
grant execute on function lookup.due_credentials(timestamptz, timestamptz, boolean, timestamptz, uuid, int) to app_worker;
