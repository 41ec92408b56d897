-- Since when the assistant answers a conversation again that people had. Answers before that count no more.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table conversations in access exclusive mode;

alter table conversations add column ai_since timestamptz;  -- none: nobody gave it back
