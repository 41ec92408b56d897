-- What is known of former attempts of a message, and a search of conversations that an index answers.
-- oldest program: 20261203104000

-- Taken first and waited for briefly, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table message_sends, conversations in access exclusive mode;

alter table message_sends
  add column unclear_at timestamptz,  -- when the call began of which nobody knows whether it arrived, if a person let the message be sent again
  add column former_ids text[] not null default '{}';  -- the platform's ids of attempts that failed and were followed by another one

-- Which conversations of the tenant in scope have a part of a name, of the last message or of a number: patterns of `like`, the second
-- one empty for words that are no number. A condition that may tell something comes after the policies, so no index answers it there;
-- here the tenant itself is asked for. The statement is planned for its pattern: a short one is found in no index.
create function lookup.find_conversations(part text, digits text) returns setof uuid
  language plpgsql stable security definer set search_path = pg_catalog, public rows 100 as $$
declare
  business uuid := nullif(current_setting('app.current_sub_account_id', true), '')::uuid;
  agency uuid := nullif(current_setting('app.current_agency_id', true), '')::uuid;
begin
  return query execute 'select c.id from public.conversations c where '
    || case when business is null then 'c.agency_id = $4' else 'c.sub_account_id = $3' end
    || ' and (public.searchable(c.contact_name || e''\n'' || c.last_preview) like $1'
    || case when digits = '' then '' else ' or c.external_address like $2' end || ')'
    using part, digits, business, agency;
end $$;
create policy lookup on conversations for select to app_lookup using (true);
grant select (id, agency_id, sub_account_id, contact_name, last_preview, external_address) on conversations to app_lookup;
grant execute on function searchable(text) to app_lookup;
alter function lookup.find_conversations(text, text) owner to app_lookup;
revoke execute on function lookup.find_conversations(text, text) from public;
grant execute on function lookup.find_conversations(text, text) to app_rt, app_worker;
