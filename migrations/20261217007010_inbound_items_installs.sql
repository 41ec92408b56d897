-- no-transaction
-- oldest program: 20261203104000
-- The installs that HighLevel told of, by their account: what was removed before the newest of them is old news.
create index concurrently if not exists inbound_items_installs on inbound_items (account, happened_at) where provider = 'ghl' and kind = 'INSTALL';
