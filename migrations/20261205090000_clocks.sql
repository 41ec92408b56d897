-- Which credentials are due: as before, and also where the last failure lies in the future. It was written while the database's
-- clock was ahead, and would keep the connection from being renewed until then.
-- oldest program: 20261203104000

create or replace function lookup.due_credentials(before timestamptz, unused_since timestamptz, after_ended boolean, after_ends timestamptz, after_id uuid, most int)
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
       and case when i.suspended_at is not null then greatest(c.refresh_failed_at, i.suspended_at) not between now() - interval '1 hour' and now() + interval '1 hour'
           else c.refreshable and (c.expires_at < before or coalesce(c.last_used_at, c.issued_at) < unused_since)
             and (c.refresh_failures = 0 or coalesce(c.refresh_failed_at, c.updated_at) < now() - least(interval '5 minutes' * power(2, least(c.refresh_failures, 10) - 1), interval '6 hours')
               or coalesce(c.refresh_failed_at, c.updated_at) > now() + interval '6 hours')
             and (i.parent_platform_id is null or not exists (select from public.integrations k where k.agency_id = i.agency_id and k.sub_account_id is null
                    and k.parent_platform_id is null and k.type = i.type and k.platform_id = i.parent_platform_id)) end
       and (d.ended, d.ends, c.id) > (after_ended, after_ends, after_id)
     order by d.ended, d.ends, c.id limit least(most, 1000) $$;
