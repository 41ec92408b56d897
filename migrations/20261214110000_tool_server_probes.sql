-- Questions to tool servers have a queue of their own, and one that could not be asked is left in peace for longer each time.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table queues, tool_servers in access exclusive mode;

alter table queues no force row level security;
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values ('tool_servers', 2, 1, null, 60);  -- a server that does not answer holds its place for half a minute
alter table queues force row level security;

alter table tool_servers add column failures smallint not null default 0 check (failures between 0 and 100);  -- in a row, up to now
