-- An agency's logo, as its clients see it, and what the people of a business may change there. Name, colour and reply address are settings of the agency.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table permissions, role_permissions, roles in access exclusive mode;

-- [A] one logo of an agency, a PNG that we wrote; served to everybody · web
create table agency_logos (
  agency_id uuid primary key references agencies on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  image bytea not null check (octet_length(image) between 1 and 400000)
);

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('business.edit', 'business', 'Change a business''s own details'),
  ('business.invite', 'business', 'Invite people to a business');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and case p.key
    when 'business.edit' then r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner')
    when 'business.invite' then r.key in ('agency_owner', 'agency_admin', 'agency_staff', 'business_owner')
    else false end;
-- Whoever gives a role must have its rights: roles of agencies that could invite owners so far go on doing so.
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where not r.is_builtin and p.key in ('business.edit', 'business.invite')
    and (select count(*) = 2 from role_permissions h join permissions k on k.id = h.permission_id
         where h.role_id = r.id and k.key in ('provision', 'business.read'));
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('agency_logos', 'A');
call ops.index_fks();
