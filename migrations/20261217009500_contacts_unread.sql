-- A contact that is being erased stays until the log of tools was read for it, also where an older program erases it.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- A business is removed as a whole, with its log.
create policy unread on contacts as restrictive for delete to app_rt, app_worker
  using (erasing_names is null or (select nullif(current_setting('app.retention_seconds', true), '')) is not null);
