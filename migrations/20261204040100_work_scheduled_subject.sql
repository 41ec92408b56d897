-- no-transaction
-- oldest program: 20261203104000
-- A job that a person hurries is found among what waits.
create index concurrently if not exists work_scheduled_subject on work_scheduled (subject_id) where subject_id is not null;
