-- Contacts that somebody erases: a mark, by which the worker removes them with all that they said, and the right to set it.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles, contacts in access exclusive mode;

alter table contacts add column erasing_at timestamptz;  -- since when it is being erased; nobody finds it any more

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('contacts.erase', 'business', 'Erase a customer with everything they said');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'contacts.erase' and r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;
