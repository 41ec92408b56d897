-- Whom does an event of HighLevel concern?
-- oldest program: 20261203104000

grant select (parent_platform_id) on integrations to app_lookup;
-- The location that the event names, else its company. Inactive ones answer too, so that what still comes is not lost. A
-- location counts only under the company that the event names, if it names one.
create function lookup.route_highlevel(p_company text, p_location text)
  returns table (integration_id uuid, agency_id uuid, sub_account_id uuid)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select id, agency_id, sub_account_id from public.integrations
  where type = 'GOHIGHLEVEL' and (
    (platform_id = p_location and parent_platform_id is not null and (p_company is null or parent_platform_id = p_company))
    or (platform_id = p_company and parent_platform_id is null and sub_account_id is null))
  order by is_active desc, parent_platform_id is not null desc, connected_at desc nulls last, id limit 1 $$;
alter function lookup.route_highlevel(text, text) owner to app_lookup;
revoke execute on function lookup.route_highlevel(text, text) from public;
grant execute on function lookup.route_highlevel(text, text) to app_worker;
