-- Whatever has no link today waits on the list, however old it is. Nobody waits for this: it only reads, and rows written meanwhile
-- put themselves on the list.
-- oldest program: 20261203104000
insert into audit_pending (event_id, chain_id, created_at)
  select e.id, e.chain_id, e.created_at from audit_events e where not exists (select from audit_links l where l.event_id = e.id)
  on conflict do nothing;
