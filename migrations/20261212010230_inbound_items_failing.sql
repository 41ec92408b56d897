-- no-transaction
-- oldest program: 20261203104000
-- The items that failed several times and wait to be tried again: the alarm.
create index concurrently if not exists inbound_items_failing on inbound_items (created_at) where outcome = 'waiting' and attempts >= 5;
