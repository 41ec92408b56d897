-- no-transaction
-- oldest program: 20261203104000
-- The bodies that were put aside, by when: the alarm.
create index concurrently if not exists inbound_events_aside on inbound_events (done_at) where state = 'quarantined';
