-- no-transaction
-- oldest program: 20261203104000
-- Nothing lists contacts in this order, and every message wrote it.
drop index concurrently if exists contacts_activity;
