-- no-transaction
-- oldest program: 20261203104000
-- What waits in a conversation or is on its way, in its order: which message comes first.
create index concurrently if not exists message_sends_first on message_sends (sub_account_id, conversation_id, seq) where state in ('queued', 'held', 'sending');
