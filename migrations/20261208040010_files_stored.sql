-- no-transaction
-- oldest program: 20261203104000
-- The stored files of a business: whether a file is still needed, and how many bytes there are.
create index concurrently if not exists message_attachments_files on message_attachments (sub_account_id, sha256) include (bytes) where sha256 is not null;
