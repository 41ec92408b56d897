-- Old answers of the assistant are emptied: the worker removes their steps and passages, whichever business they belong to, and changes nothing else.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
create policy emptying on ai_answers for update to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision)))
  with check (trace = '{}' and not jsonb_path_exists(sources, '$[*].passage')
    and created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision)));
