-- What the calls of the language model cost, how many tokens a day an agency lets a business spend, and which worker writes an answer.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table sub_accounts, ai_answers, usage_counters in access exclusive mode;

alter table sub_accounts add column token_limit bigint not null default 1000000 check (token_limit between 0 and 100000000);  -- of a day
grant update (token_limit) on sub_accounts to app_rt, app_worker;

alter table usage_counters
  add column priced_tokens bigint not null default 0 check (priced_tokens >= 0),  -- those of the tokens whose cost is known
  add column cost_micros bigint not null default 0 check (cost_micros >= 0);  -- what these cost, in millionths of a US dollar

alter table ai_answers
  add column priced_tokens int not null default 0,  -- those of its tokens whose cost is known
  add column worked_by uuid,  -- the piece of work that writes it
  add column worked_until timestamptz;  -- from then on another one may
