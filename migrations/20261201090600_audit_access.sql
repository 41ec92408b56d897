-- The sealer asks every few minutes which rows are not linked yet; without these it would read the whole log each time.

create index audit_events_chain on audit_events (chain_id, created_at, id);  -- the next rows of one chain, and checking it
create index audit_events_recent on audit_events (created_at);               -- chains with rows of the last two days
