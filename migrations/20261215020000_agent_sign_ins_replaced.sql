-- The refresh token that an AI agent showed last, for an agent that never got the answer with the next one.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table agent_sign_ins in access exclusive mode;

alter table agent_sign_ins
  add column replaced_hash bytea check (length(replaced_hash) = 32),  -- of the refresh token that was replaced; null if it may not come again
  add column replaced_at timestamptz;  -- when it was replaced
grant update (replaced_hash, replaced_at) on agent_sign_ins to app_rt, app_worker;
grant select (replaced_at) on agent_sign_ins to app_platform;
