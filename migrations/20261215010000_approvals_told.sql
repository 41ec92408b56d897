-- Owners of a business get a mail about calls of tools that wait for a person for a while: which they were told of.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

alter table tool_approvals add column told_at timestamptz;  -- when the owners were told by mail that it waits
