-- no-transaction
-- oldest program: 20261203104000
-- The open conversations of a business with something that nobody read: their number, and the page that shows them.
create index concurrently if not exists conversations_unread on conversations (sub_account_id, last_message_at desc, id desc) where status = 'open' and unread > 0;
