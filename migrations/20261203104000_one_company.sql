-- An agency works with one HighLevel company at a time. With two in use a page showed one and a job created its client in the other.

alter table integrations no force row level security;
alter table credentials no force row level security;
with former as (
  update integrations i set is_active = false, disconnected_at = now(), token_expires_at = null
  where i.type = 'GOHIGHLEVEL' and i.sub_account_id is null and i.parent_platform_id is null and i.is_active
    and exists (select from integrations o where o.agency_id = i.agency_id and o.type = i.type and o.sub_account_id is null and o.parent_platform_id is null
                  and o.is_active and (coalesce(o.connected_at, '-infinity'), o.id) > (coalesce(i.connected_at, '-infinity'), i.id))
  returning i.id)
update credentials c set revoked_at = now() from former where c.integration_id = former.id and c.revoked_at is null;
alter table credentials force row level security;
alter table integrations force row level security;

create unique index integrations_one_company on integrations (agency_id)
  where type = 'GOHIGHLEVEL' and sub_account_id is null and parent_platform_id is null and is_active;
