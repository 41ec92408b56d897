-- A search of conversations finds no more than a list counts, the newest ones; one or two letters are the beginning of a name.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table contacts in access exclusive mode;

-- Which conversations of the tenant in scope have a part of a name, of the last message or of a number: patterns of `like`, the second
-- one empty for words that are no number. A first pattern that does not begin with `%` is the beginning of a contact's name.
create or replace function lookup.find_conversations(part text, digits text) returns setof uuid
  language plpgsql stable security definer set search_path = pg_catalog, public rows 100 as $$
declare
  business uuid := nullif(current_setting('app.current_sub_account_id', true), '')::uuid;
  agency uuid := nullif(current_setting('app.current_agency_id', true), '')::uuid;
  tenant text := case when business is null then 'c.agency_id = $4' else 'c.sub_account_id = $3' end;
  named text := case when business is null then 'p.sub_account_id = any (array(select id from public.sub_accounts where agency_id = $4))' else 'p.sub_account_id = $3' end;
begin
  return query execute
    case when left(part, 1) <> '%' then
      'select c.id from public.contacts p join public.conversations c on c.sub_account_id = p.sub_account_id and c.contact_id = p.id where '
        || tenant || ' and ' || named || ' and public.searchable(p.name) like $1'
    else
      'select c.id from public.conversations c where ' || tenant || ' and (public.searchable(c.contact_name || e''\n'' || c.last_preview) like $1'
        || case when digits = '' then '' else ' or c.external_address like $2' end || ')'
    end || ' order by c.last_message_at desc limit 10001'
    using part, digits, business, agency;
end $$;
create policy lookup on contacts for select to app_lookup using (true);
grant select (id, sub_account_id, name) on contacts to app_lookup;
grant select (contact_id, last_message_at) on conversations to app_lookup;
