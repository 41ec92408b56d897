-- no-transaction
-- oldest program: 20261203104000
-- What was decided, oldest first: retention.
create index concurrently if not exists message_sends_decided on message_sends (decided_at) where decided_at is not null;
