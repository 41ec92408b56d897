-- The language that was chosen for a business; null: the one of its country. `locale` says 'en' of every business, so it cannot tell.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table sub_accounts in access exclusive mode;

alter table sub_accounts add column language text check (char_length(language) <= 16);
grant update (language) on sub_accounts to app_rt, app_worker;
