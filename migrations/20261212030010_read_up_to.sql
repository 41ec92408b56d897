-- Up to when a customer read everything that we sent, so that what was read is not looked at again.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table conversations in access exclusive mode;

alter table conversations add column read_up_to timestamptz;  -- by the time of our messages; none: nobody knows
