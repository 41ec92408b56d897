-- Which client a number that people dial belongs to: opening hours, overflow, fallback. And the rights to see and to change it.
-- oldest program: 20261203104000

-- [BA] number → business, with the rules in which it is asked · soft reference of calls · web
create table phone_routing (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null,
  agency_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  phone_number text not null unique check (phone_number ~ '^\+[0-9]{5,18}$'),  -- a number rings in one place
  is_active boolean not null default true,
  is_default boolean not null default false,  -- its business gets the agency's calls to numbers without a route
  label text check (char_length(label) <= 480),
  overflow_sub_account_id uuid,  -- who takes calls while the business is closed
  rules jsonb not null default '{}' check (jsonb_typeof(rules) = 'object'),  -- zone, hours, hours of the overflow, fallback
  primary key (sub_account_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (agency_id, overflow_sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete set null (overflow_sub_account_id)
);
create unique index phone_routing_default on phone_routing (agency_id) where is_default;  -- one default business of an agency
create unique index phone_routing_id on phone_routing (agency_id, id);
create index phone_routing_list on phone_routing (agency_id, phone_number);  -- the list, keyset

alter table permissions no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
insert into permissions (key, scope, description) values
  ('phone_routes.read', 'agency', 'See which client a phone number belongs to'),
  ('phone_routes.manage', 'agency', 'Add, change and remove phone routes');
insert into role_permissions (role_id, permission_id)
  select r.id, p.id from roles r cross join permissions p
  where r.is_builtin and case p.key
    when 'phone_routes.read' then r.key in ('super_admin', 'support', 'agency_owner', 'agency_admin', 'agency_staff')
    when 'phone_routes.manage' then r.key in ('super_admin', 'agency_owner', 'agency_admin')
    else false end;
alter table permissions force row level security;
alter table roles force row level security;
alter table role_permissions force row level security;

call ops.protect('phone_routing', 'BA');
call ops.index_fks();
