-- Each event has an id of its own: whoever follows a job comes back with it. The number of the transaction says how busy the whole
-- installation is, and begins anew in a database that was restored.
-- oldest program: 20261203104000

-- In two steps, so that no row is written anew; rows of before have none.
alter table outbox_events add column event_id uuid;
alter table outbox_events alter column event_id set default gen_random_uuid();
