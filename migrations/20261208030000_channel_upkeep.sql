-- Upkeep of channels: Instagram's tokens are renewed ahead of time, each connection is looked at once a day, and a choice of an
-- account remembers what was chosen.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table integrations, channel_choices in access exclusive mode;

alter table integrations add column checked_at timestamptz;  -- when the platform was last asked whether a channel's token still works
create index integrations_channels_in_use on integrations (id) where is_active and type in ('WHATSAPP', 'INSTAGRAM', 'FACEBOOK');  -- daily look

-- The account that was chosen, empty for none of them; its tokens are gone then. A second press of the button is told of it.
alter table channel_choices add column chosen text check (char_length(chosen) <= 255);

-- Which credentials are due: as before, and also the tokens of Instagram Login. They live for 60 days, can be renewed once they are a
-- day old and cannot be once they have ended, so they are due for their last ten days.
create or replace function lookup.due_credentials(before timestamptz, unused_since timestamptz, after_ended boolean, after_ends timestamptz, after_id uuid, most int)
  returns table (id uuid, agency_id uuid, sub_account_id uuid, integration_id uuid, version int, ended boolean, ends timestamptz)
  language sql stable security definer set search_path = pg_catalog, public as
  $$ select c.id, c.agency_id, c.sub_account_id, c.integration_id, c.version, d.ended, d.ends
     from public.credentials c
     join public.integrations i on i.agency_id = c.agency_id and i.id = c.integration_id
     join public.agencies a on a.id = c.agency_id
     cross join lateral (select coalesce(c.expires_at <= now(), false) as ended, coalesce(c.expires_at, '9000-01-01'::timestamptz) as ends,
       c.refresh_failures = 0 or coalesce(c.refresh_failed_at, c.updated_at) < now() - least(interval '5 minutes' * power(2, least(c.refresh_failures, 10) - 1), interval '6 hours')
         or coalesce(c.refresh_failed_at, c.updated_at) > now() + interval '6 hours' as rested) d
     where c.slot = 'current' and c.revoked_at is null and (c.kind in ('oauth_company', 'oauth_location') or c.kind = 'oauth_user' and i.type = 'INSTAGRAM')
       and i.is_active and i.disconnected_at is null and i.needs_reauth_at is null and i.paused_at is null and a.deleted_at is null
       and not exists (select from public.sub_accounts b where b.id = c.sub_account_id and b.deleted_at is not null)
       and case when c.kind = 'oauth_user' then c.expires_at < before + interval '10 days' and c.issued_at < now() - interval '24 hours' and d.rested
           when i.suspended_at is not null then greatest(c.refresh_failed_at, i.suspended_at) not between now() - interval '1 hour' and now() + interval '1 hour'
           else c.refreshable and (c.expires_at < before or coalesce(c.last_used_at, c.issued_at) < unused_since) and d.rested
             and (i.parent_platform_id is null or not exists (select from public.integrations k where k.agency_id = i.agency_id and k.sub_account_id is null
                    and k.parent_platform_id is null and k.type = i.type and k.platform_id = i.parent_platform_id)) end
       and (d.ended, d.ends, c.id) > (after_ended, after_ends, after_id)
     order by d.ended, d.ends, c.id limit least(most, 1000) $$;
