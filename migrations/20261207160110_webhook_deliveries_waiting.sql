-- no-transaction
-- oldest program: 20261203104000
-- What waits for an endpoint: the view of the log, and whether a test is on its way.
create index concurrently if not exists webhook_deliveries_waiting on webhook_deliveries (endpoint_id) where state = 'waiting';
