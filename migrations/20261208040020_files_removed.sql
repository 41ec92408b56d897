-- no-transaction
-- oldest program: 20261203104000
-- The files that their writers took back and that are not erased yet.
create index concurrently if not exists message_attachments_removed on message_attachments (removed_at) where removed_at is not null;
