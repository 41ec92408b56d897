-- no-transaction
-- oldest program: 20261203104000
-- The open conversations of a business that nobody looks after: their number, and the page that shows them.
create index concurrently if not exists conversations_unassigned on conversations (sub_account_id, last_message_at desc, id desc) where status = 'open' and assigned_to is null;
