-- How many requests a minute an agency lets the programs of one of its clients send.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table sub_accounts in access exclusive mode;

alter table sub_accounts add column request_limit int not null default 60 check (request_limit between 1 and 600);
grant update (request_limit) on sub_accounts to app_rt, app_worker;
