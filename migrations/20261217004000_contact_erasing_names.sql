-- By what a contact was named that is being erased, until the log of tools was read for it: piece by piece, in the background.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

alter table contacts
  add column erasing_names jsonb,  -- null if the log was read, or is read for another contact that goes at the same time
  add column erasing_after uuid;  -- the last call that was read
