-- What tools may spend in a day on messages that cost, and what one costs: in the currency of whoever is billed.
-- oldest program: 20261203104000

-- Waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

alter table tool_budgets
  add column money_micros bigint check (money_micros between 0 and 1000000000000),  -- of a day, in millionths; null without a limit
  add column price_micros bigint not null default 0 check (price_micros between 0 and 1000000000000);  -- of one message that costs

alter table tool_days add column spent_micros bigint not null default 0 check (spent_micros >= 0);
