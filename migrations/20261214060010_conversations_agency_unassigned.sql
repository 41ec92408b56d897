-- no-transaction
-- oldest program: 20261203104000
-- The same for all clients of an agency.
create index concurrently if not exists conversations_agency_unassigned on conversations (agency_id, last_message_at desc, id desc) where status = 'open' and assigned_to is null;
