-- Tokens that renew themselves and were not used for a day are renewed too, so that a chain nobody follows does not end unseen.

-- Which credentials of any agency end before a time, or renew themselves and were not used since another: ids and the version that
-- was seen, the sweep enqueues them. The function of two arguments stays for processes of the version before.
create function lookup.due_credentials(before timestamptz, unused_since timestamptz, most int)
  returns table (id uuid, agency_id uuid, sub_account_id uuid, integration_id uuid, version int)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select id, agency_id, sub_account_id, integration_id, version from public.credentials
     where slot = 'current' and revoked_at is null
       and (expires_at < before or (kind in ('oauth_company', 'oauth_location') and coalesce(last_used_at, issued_at) < unused_since))
     order by expires_at limit least(most, 1000) $$;
grant select (version, kind, issued_at, last_used_at) on credentials to app_lookup;
alter function lookup.due_credentials(timestamptz, timestamptz, int) owner to app_lookup;
revoke execute on function lookup.due_credentials(timestamptz, timestamptz, int) from public;
grant execute on function lookup.due_credentials(timestamptz, timestamptz, int) to app_worker;
