-- The last look through the log of the tools of each business: when it was, and how much did not fit.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

alter table tool_chains
  add column linked_at timestamptz,  -- when a call was last added; null until the first one by a program that knows of it
  add column verified_at timestamptz,  -- when the chain was last looked through
  add column faults int not null default 0 check (faults >= 0);  -- how much did not fit then
