-- Clients that their agency changes, pauses, archives and removes: the right to do so, what HighLevel still has to hear of a
-- change, and what a paused or archived one has lost.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table sub_accounts, permissions, role_permissions, roles in access exclusive mode;

alter table sub_accounts
  drop constraint sub_accounts_status_check,
  add constraint sub_accounts_status_check check (status in ('trial','active','paused','archived','deleted')) not valid,  -- validated in 20261207080100
  add column former_status text,  -- what it becomes when it leaves the trash
  add constraint sub_accounts_former_status_check check (former_status in ('trial','active','paused','archived')) not valid,
  add column archived_at timestamptz,
  add column offboarded_at timestamptz,  -- when all that an archived one had was ended
  add column offboarding jsonb,  -- how many routes and keys were ended, or why they were not
  add constraint sub_accounts_offboarding_check check (jsonb_typeof(offboarding) = 'object') not valid,
  add column owner_invited_at timestamptz;  -- of the open invitation to own it
grant update (former_status, archived_at, offboarded_at, offboarding, owner_invited_at) on sub_accounts to app_rt, app_worker;

-- [BA] what HighLevel has to be told of a business's location · one row a business · web, worker
create table location_updates (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null,
  agency_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version int not null default 1 check (version > 0),  -- one more with each change: what is written for an older one is not the end
  state text not null default 'waiting' check (state in ('waiting','done','failed')),
  fields text[] not null check (cardinality(fields) between 1 and 20),  -- names of the members that were changed
  asked_by uuid references users on delete set null,
  asked_at timestamptz not null default now(),
  note text check (char_length(note) <= 1000),  -- why it waits or failed, or what HighLevel does not take
  ended_at timestamptz,
  primary key (sub_account_id, id),
  unique (sub_account_id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);

-- Whoever belongs to a paused or archived business does not reach it until it goes on.
grant select (status) on sub_accounts to app_lookup;
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
    join public.sub_accounts b on b.id = m.sub_account_id and b.deleted_at is null and b.status in ('trial', 'active')
    join public.agencies a on a.id = b.agency_id and a.deleted_at is null
    join public.roles r on r.owner = m.role_owner and r.id = m.role_id
  order by 1, 5;
end $$;

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('clients.manage', 'agency', 'Edit, pause, archive, remove and restore clients');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'clients.manage' and r.key in ('super_admin', 'agency_owner', 'agency_admin');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('location_updates', 'BA');
call ops.index_fks();
