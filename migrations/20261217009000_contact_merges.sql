-- Contacts that somebody merged by hand, with what takes it back for 30 days, and the search of contacts.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table contacts, contact_identities in access exclusive mode;

-- [B] a contact that became part of another one, as both were before · web
create table contact_merges (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  contact_id uuid not null,  -- the contact that has it now
  merged uuid not null,  -- the id of the contact that is gone, which it gets back
  merged_since timestamptz not null,  -- when that contact was added
  merged_details jsonb not null,  -- what was known of it
  kept_details jsonb not null,  -- what was known of the contact that stayed
  accounts text[] not null,  -- where the contact that is gone was known: what came there since goes with it
  carried uuid[] not null default '{}',  -- earlier merges that came with it
  primary key (sub_account_id, id),
  unique (sub_account_id, merged),
  foreign key (sub_account_id, contact_id) references contacts (sub_account_id, id) on delete cascade
);
create index contact_merges_created on contact_merges (created_at);

call ops.protect('contact_merges', 'B');
-- They are removed when nobody may take them back any more, and in pieces before the business itself.
create policy retention on contact_merges for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
call ops.index_fks();

-- Which contacts of the business in scope have a name, mail address or user name that begins with some letters, a number that begins
-- with some digits, or a conversation that shows a part of them: patterns of `like`, empty where nothing is asked. No more than 10,000
-- of each.
create function lookup.find_contacts(beginning text, part text, digits text) returns setof uuid
  language plpgsql stable security definer set search_path = pg_catalog, public rows 100 as $$
declare
  business uuid := nullif(current_setting('app.current_sub_account_id', true), '')::uuid;
begin
  return query execute
    '(select id from public.contacts where sub_account_id = $1 and public.searchable(name) like $2 limit 10000)
     union (select id from public.contacts where sub_account_id = $1 and public.searchable(email) like $2 limit 10000)
     union (select contact_id from public.contact_identities where sub_account_id = $1 and public.searchable(username) like $2 and ended_at is null limit 10000)'
    || case when part = '' then '' else
      ' union (select contact_id from public.conversations where sub_account_id = $1 and public.searchable(contact_name || e''\n'' || last_preview) like $3
          and public.searchable(contact_name) like $3 limit 10000)' end
    || case when digits = '' then '' else
      ' union (select id from public.contacts where sub_account_id = $1 and phone like ''+'' || $4 || ''%'' limit 10000)
        union (select contact_id from public.conversations where sub_account_id = $1 and external_address like ''%'' || $4 || ''%'' limit 10000)' end
    using business, beginning, part, digits;
end $$;
create policy lookup on contact_identities for select to app_lookup using (true);
grant select (email, phone) on contacts to app_lookup;
grant select (sub_account_id, contact_id, username, ended_at) on contact_identities to app_lookup;
alter function lookup.find_contacts(text, text, text) owner to app_lookup;
revoke execute on function lookup.find_contacts(text, text, text) from public;
grant execute on function lookup.find_contacts(text, text, text) to app_rt, app_worker;
