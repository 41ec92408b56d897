-- How much room the stored files of each business take, so that they are not summed for each file.
-- oldest program: 20261203104000

-- The keys to tenants wait briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- [B] the room that the stored files of a business take, each counted once; the sweep of files corrects it · worker, web
create table file_usage (
  sub_account_id uuid primary key references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  bytes bigint not null default 0 check (bytes >= 0),
  counted_at timestamptz not null default now(),  -- when all files were last summed
  warned_at timestamptz,  -- when people were told that the room comes to its end
  full_at timestamptz  -- when people were told that there is no more
) with (fillfactor = 70);

call ops.protect('file_usage', 'B');
-- Removed before the business itself, like everything that belongs to its conversations.
create policy retention on file_usage for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
