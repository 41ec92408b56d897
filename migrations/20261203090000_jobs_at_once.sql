-- An agency chooses how many of its jobs run at once, and the queue asks for it.

-- Null when the agency chose nothing. The one setting the claim needs, of an agency whose other settings it may not see.
create function lookup.jobs_at_once(p_agency uuid) returns bigint
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select (settings_json ->> 'jobs_at_once')::bigint from public.agencies
     where id = p_agency and settings_json ->> 'jobs_at_once' ~ '^(1?[1-9]|[12]0)$' $$;
grant select (settings_json) on agencies to app_lookup;
alter function lookup.jobs_at_once(uuid) owner to app_lookup;
revoke execute on function lookup.jobs_at_once(uuid) from public;
grant execute on function lookup.jobs_at_once(uuid) to app_worker;
