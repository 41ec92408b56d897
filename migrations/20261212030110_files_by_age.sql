-- no-transaction
-- oldest program: 20261203104000
-- The stored files in the order of their age, so that those that are kept no longer are found.
create index concurrently if not exists message_attachments_aged on message_attachments (created_at) where sha256 is not null and removed_at is null;
