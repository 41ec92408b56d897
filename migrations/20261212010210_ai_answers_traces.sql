-- no-transaction
-- oldest program: 20261203104000
-- The answers that still have their steps, oldest first: retention.
create index concurrently if not exists ai_answers_traces on ai_answers (created_at) where trace <> '{}';
