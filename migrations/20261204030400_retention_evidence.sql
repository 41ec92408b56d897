-- no-transaction
-- oldest program: 20261203104000
-- The oldest observations are found without reading the others.
create index concurrently if not exists integration_evidence_age on integration_evidence (observed_at);
