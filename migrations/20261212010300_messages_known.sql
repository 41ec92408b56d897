-- no-transaction
-- oldest program: 20261203104000
-- A platform's id stands in a conversation once, and is found without its conversation: our own words come back once, statuses, reactions.
create unique index concurrently if not exists messages_known on messages (sub_account_id, external_id, conversation_id) where external_id is not null;
