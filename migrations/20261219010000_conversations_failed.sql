-- Whether the last message of a conversation is one of ours that did not arrive, so that a line of the list says it.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- The time of the last message, if that one failed. A newer message has a later time, also where an older program writes it,
-- which does not know this column.
alter table conversations add column last_failed_at timestamptz;
