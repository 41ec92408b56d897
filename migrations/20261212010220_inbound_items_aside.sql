-- no-transaction
-- oldest program: 20261203104000
-- The items that were put aside, by when: the alarm.
create index concurrently if not exists inbound_items_aside on inbound_items (processed_at) where outcome = 'quarantined';
