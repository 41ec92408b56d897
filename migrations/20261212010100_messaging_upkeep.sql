-- The tables of messaging under load: room on their pages for the changes that follow, and dead rows that are cleared away before they are many.
-- oldest program: 20261203104000

-- Waited for briefly: these locks stand in the way of no request, only of a vacuum.
set local lock_timeout = '200ms';
-- A line is written over with each message of its conversation.
alter table conversations set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
-- Three statuses follow most messages. No index contains one, so with room on the page they write no index.
alter table messages set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_scale_factor = 0.05);
do $$ declare t text; begin
  foreach t in array array['contacts', 'message_sends', 'inbound_events', 'inbound_items', 'inbound_keys'] loop
    execute format('alter table %I set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)', t);
  end loop;
end $$;
