-- Whoever follows one thing reads only what happened to it, however much happened to everything else.

create index outbox_of_subject on outbox_events (subject_id, xid, position) where subject_id is not null;
