-- no-transaction
-- oldest program: 20261203104000
-- The conversations in which it is the assistant's turn and the customer waits, so that one whose work is lost is found.
create index concurrently if not exists conversations_unanswered on conversations (sub_account_id, waiting_since) where status = 'open' and ai_state = 'bot';
