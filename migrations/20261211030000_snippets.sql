-- Snippets: texts of a business that its people put into their answers.
-- oldest program: 20261203104000

-- [B] a text that people put into their answers · web
create table snippets (
  id uuid not null default gen_random_uuid(),
  sub_account_id uuid not null references sub_accounts on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  name text not null check (char_length(name) between 1 and 480),
  body text not null check (char_length(body) between 1 and 65536),
  primary key (sub_account_id, id)
);

call ops.protect('snippets', 'B');
-- They are removed in pieces before the business itself.
create policy retention on snippets for all to app_worker
  using (created_at < (select now() - make_interval(secs => nullif(current_setting('app.retention_seconds', true), '')::double precision))) with check (false);
call ops.index_fks();
