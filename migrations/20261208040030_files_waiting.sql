-- no-transaction
-- oldest program: 20261203104000
-- The files that are still to be fetched, so that one whose work is lost is found.
create index concurrently if not exists message_attachments_waiting on message_attachments (created_at) where state = 'waiting';
