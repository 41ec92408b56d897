-- What each business used: messages that were sent, answers and tokens of its assistant, by day and month; and how many messages a month
-- its agency lets it send before nothing is sent automatically any more.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table sub_accounts, messages in access exclusive mode;

alter table sub_accounts add column message_limit bigint not null default 1000 check (message_limit between 0 and 1000000);
grant update (message_limit) on sub_accounts to app_rt, app_worker;

alter table messages add column counted_at timestamptz;  -- when it was counted as sent; a message counts once, however often it is tried

-- [BA] what a business used in a day or a month of UTC, counted in the transaction of its cause · 3 y · worker, web
create table usage_counters (
  agency_id uuid not null,
  sub_account_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  period text not null check (period in ('day', 'month')),
  period_start date not null,
  messages bigint not null default 0 check (messages >= 0),  -- sent by anybody through us
  answers bigint not null default 0 check (answers >= 0),  -- the assistant's, sent by itself or by a person
  tokens bigint not null default 0 check (tokens >= 0),  -- of the language model
  warned_at timestamptz,  -- of a month: when people were told that it comes near its limit
  stopped_at timestamptz,  -- of a month: when people were told that the limit is reached
  primary key (sub_account_id, period, period_start),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
) with (fillfactor = 70);
create index usage_counters_age on usage_counters (created_at);  -- retention

call ops.protect('usage_counters', 'BA');
-- Old counters are removed whichever business they belong to, and everything in pieces before the business itself.
create policy retention on usage_counters for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
call ops.index_fks();
