-- What every page and every claim asks is planned once per connection. A function in SQL is planned again at each call, which
-- took the better part of a millisecond of each page; one in PL/pgSQL keeps its plan.

create or replace function lookup.my_places() returns table (kind text, id uuid, agency_id uuid, slug text, name text, role text, reach text, assigned uuid[], own_role uuid, actions text[])
  language plpgsql stable security definer set search_path = pg_catalog, public as $$
#variable_conflict use_column
begin
  return query
  with me as (select nullif(current_setting('app.current_user_id', true), '')::uuid as id)
  select 'agency', a.id, a.id, a.slug, a.name, case when r.is_builtin then r.key else r.name end, m.reach,
         array(select s.sub_account_id from public.user_sub_account_memberships s
               where s.agency_id = a.id and s.user_id = me.id and s.kind = 'assigned' and s.status = 'active' and s.deleted_at is null),
         case when not r.is_builtin then r.id end,
         case when not r.is_builtin then
           array(select p.key from public.role_permissions g join public.permissions p on p.id = g.permission_id where g.role_id = r.id) end
    from me join public.user_agency_memberships m on m.user_id = me.id and m.status = 'active' and m.deleted_at is null
    join public.agencies a on a.id = m.agency_id and a.deleted_at is null
    join public.roles r on r.owner = m.role_owner and r.id = m.role_id
  union all
  select 'business', b.id, b.agency_id, b.slug, b.name, r.key, null, null, null, null
    from me join public.user_sub_account_memberships m on m.user_id = me.id and m.kind = 'member' and m.status = 'active' and m.deleted_at is null
    join public.sub_accounts b on b.id = m.sub_account_id and b.deleted_at is null
    join public.agencies a on a.id = b.agency_id and a.deleted_at is null
    join public.roles r on r.owner = m.role_owner and r.id = m.role_id
  order by 1, 5;
end $$;

create or replace function lookup.jobs_at_once(p_agency uuid) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  return (select (settings_json ->> 'jobs_at_once')::bigint from public.agencies
          where id = p_agency and settings_json ->> 'jobs_at_once' ~ '^(1?[1-9]|[12]0)$');
end $$;
