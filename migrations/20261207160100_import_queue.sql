-- Imports have a queue of their own, so that hundreds of them never delay the renewal of a token; and deliveries to webhooks, which
-- mostly wait for an answer, have places enough that the slow receivers of a few agencies leave some to all others.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table queues in access exclusive mode;

alter table queues no force row level security;
insert into queues (key, at_once, per_agency, per_agency_setting, priority) values ('imports', 4, 1, null, 50);
update queues set at_once = 64 where key = 'webhooks_out' and at_once = 16;
alter table queues force row level security;
