-- Sign-in by browser: which AI agent a person let in, for which business, and how it comes back for a fresh token.
-- oldest program: 20261203104000

-- The keys to agencies, businesses and tokens wait briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';

-- [S+AB] an AI agent that a person signed in by browser: first the code, then the token that is renewed · until it ends · web
create table agent_sign_ins (
  id uuid primary key default gen_random_uuid(),
  agency_id uuid not null references agencies on delete cascade,
  sub_account_id uuid not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  secret_hash bytea not null unique check (length(secret_hash) = 32),  -- of the part that the code and every refresh token share
  client_hash bytea not null check (length(client_hash) = 32),  -- of the id of the program
  code_hash bytea not null check (length(code_hash) = 32),  -- of the code with all that it is bound to
  refresh_hash bytea check (length(refresh_hash) = 32),  -- of the one refresh token that works
  made_by uuid not null references users on delete cascade,
  name text not null check (char_length(name) between 1 and 480),
  host text not null check (char_length(host) between 1 and 480),  -- where the person was led back to
  token_id uuid,  -- set when the code was redeemed
  expires_at timestamptz not null,  -- of the code, later of the refresh token
  unique (agency_id, id),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade,
  foreign key (agency_id, token_id) references api_tokens (agency_id, id) on delete cascade
);
create index agent_sign_ins_list on agent_sign_ins (agency_id, sub_account_id);
create index agent_sign_ins_sweep on agent_sign_ins (expires_at);

call ops.protect('agent_sign_ins', 'S+AB');
call ops.hide('agent_sign_ins', 'app_platform', '{secret_hash,client_hash,code_hash,refresh_hash}');
call ops.hide('agent_sign_ins', 'app_rt, app_worker', '{id,agency_id,sub_account_id,secret_hash,client_hash,code_hash,made_by,name,host}', 'update');
-- A token of a sign-in gets a new value each hour and stays the same token: what it may do and what it did are stored by its id.
grant update (secret_hash) on api_tokens to app_rt;
call ops.index_fks();
