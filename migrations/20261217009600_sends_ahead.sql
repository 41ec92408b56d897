-- Messages that a clock wrote that was ahead are found by the work that looks for those that wait for too long.
-- oldest program: 20261203104000

set local lock_timeout = '200ms';

create policy ahead on message_sends for select to app_worker using (
  created_at > (select now() + interval '2 days' where nullif(current_setting('app.retention_seconds', true), '') is not null));
