-- A tool server that was removed keeps its prefix: people allowed tools by their names, and no other program gets those names.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table tool_servers in access exclusive mode;

alter table tool_servers add column removed_at timestamptz;  -- since when it is removed; only the same command gets its prefix again
