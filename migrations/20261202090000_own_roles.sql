-- The right to change an agency's settings, and roles that an agency makes itself: the look-up of a person's places says
-- what such a role allows.
alter table permissions no force row level security;
insert into permissions (key, scope, description) values ('agency.manage', 'agency', 'Change an agency''s name and settings');
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where p.key = 'agency.manage' and r.is_builtin and r.key in ('super_admin', 'agency_owner', 'agency_admin');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

drop function lookup.my_places();
create function lookup.my_places() returns table (kind text, id uuid, agency_id uuid, slug text, name text, role text, reach text, assigned uuid[], own_role uuid, actions text[])
  language sql stable security definer set search_path = pg_catalog, public as $$
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
  order by 1, 5 $$;

create policy lookup on role_permissions for select to app_lookup using (true);
create policy lookup on permissions for select to app_lookup using (true);
grant select (id, owner, key, name, is_builtin) on roles to app_lookup;
grant select (role_id, permission_id) on role_permissions to app_lookup;
grant select (id, key) on permissions to app_lookup;
alter function lookup.my_places() owner to app_lookup;
revoke execute on function lookup.my_places() from public;
grant execute on function lookup.my_places() to app_rt;
