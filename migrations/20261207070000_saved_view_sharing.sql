-- The right to share saved views of lists with everybody in the agency, and to change those that others share.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles in access exclusive mode;

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('views.share', 'agency', 'Share saved views of lists with the team');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and p.key = 'views.share' and r.key in ('super_admin', 'agency_owner', 'agency_admin');
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;
