-- no-transaction
-- oldest program: 20261203104000
-- The items that wait, that were put aside or that belong to nobody, newest first: their views.
create index concurrently if not exists inbound_items_undone on inbound_items (outcome, created_at desc, id desc) where outcome in ('waiting', 'quarantined', 'unroutable');
