-- The web chats of an agency that is paused or in the trash are closed, as its links are.
-- oldest program: 20261203104000

create or replace function lookup.web_chat(p_key text)
  returns table (agency_id uuid, sub_account_id uuid, channel_id uuid, name text, origins text[], greeting text)
  language sql stable security definer set search_path = pg_catalog, public as $$
  select s.agency_id, s.id, w.channel_id, s.name, w.origins, w.greeting
  from public.web_chats w join public.sub_accounts s on s.id = w.sub_account_id join public.agencies a on a.id = s.agency_id
  where w.key = p_key and w.is_on and s.deleted_at is null and s.status <> 'archived' and a.deleted_at is null and a.status = 'active' $$;
grant select (status) on agencies to app_lookup;
