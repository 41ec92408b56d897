-- The name of whoever is named in an agency's audit log, also when they are none of its own people.
-- oldest program: 20261203104000

-- Whoever runs the platform, and whoever belongs or belonged to one of the agency's clients. Others keep their name.
create function lookup.actor_name(person uuid) returns text
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select nullif(u.name, '') from public.users u
     where u.id = person and (u.platform_role is not null or exists (select from public.user_sub_account_memberships m
       where m.user_id = u.id and m.agency_id = nullif(current_setting('app.current_agency_id', true), '')::uuid)) $$;
grant select (name, platform_role) on users to app_lookup;
alter function lookup.actor_name(uuid) owner to app_lookup;
revoke execute on function lookup.actor_name(uuid) from public;
grant usage on schema lookup to app_platform;
grant execute on function lookup.actor_name(uuid) to app_rt, app_worker, app_platform;
