-- What grows is removed after its time. A transaction that says how old rows have to be, and only that one, may remove rows
-- of any tenant that are older; without that setting these rules give nothing.
-- oldest program: 20261203104000

alter table provisioning_jobs
  add column archived_at timestamptz,   -- when what it held about people was removed, 90 days after its end
  add column requested_token uuid;      -- the API token whose Idempotency-Key this is; another token may use the same words

do $$ declare t text; c text; begin
  for t, c in select * from (values ('api_calls', 'created_at'), ('integration_evidence', 'observed_at'), ('effect_observations', 'created_at'), ('provisioning_logs', 'created_at')) as v loop
    execute format('create policy retention on %I for all to app_worker using (%I < (select now() - make_interval(secs => nullif(current_setting(''app.retention_seconds'', true), '''')::double precision))) with check (false)', t, c);
  end loop;
end $$;
