-- To-dos that the people of a business do themselves: they see those of their business and tick them. And the right to tick them.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles, todos in access exclusive mode;

alter table todos add column for_owner boolean not null default false;  -- the people of the business are to do it

-- A business sees and ticks what is left to its own people, and nothing else of its agency's to-dos.
create policy own_todos on todos for select to app_rt, app_worker
  using (for_owner and sub_account_id = (select nullif(current_setting('app.current_sub_account_id', true), '')::uuid));
create policy tick_own_todos on todos for update to app_rt, app_worker
  using (for_owner and sub_account_id = (select nullif(current_setting('app.current_sub_account_id', true), '')::uuid))
  with check (for_owner and sub_account_id = (select nullif(current_setting('app.current_sub_account_id', true), '')::uuid));

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('business.todos', 'business', 'Check off the to-dos of a business''s own people');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'business.todos' and r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner', 'team_member');
-- Whoever opens a business by a role that its agency made sees its to-dos there, and may tick them as its people may.
insert into role_permissions (role_id, permission_id)
  select rp.role_id, p.id from role_permissions rp join permissions o on o.id = rp.permission_id and o.key = 'business.read'
  join roles r on r.id = rp.role_id and not r.is_builtin cross join permissions p where p.key = 'business.todos'
  on conflict do nothing;
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;
