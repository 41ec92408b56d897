-- What people are told: the rows behind the bell, and whether each is owed by email or was sent.
-- oldest program: 20261203104000

-- [M:A] one row for each person and event, with the state in which the person has it · 90 d · web, worker
create table notifications (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  agency_id uuid not null references agencies on delete cascade,
  user_id uuid not null references users on delete cascade,
  sub_account_id uuid,  -- the client that it is about
  kind text not null check (char_length(kind) between 1 and 64),  -- domain::notifications::Kind
  event_key text not null check (char_length(event_key) between 1 and 160),  -- what happened; a person is told of it once
  subject uuid,  -- job, connection, to-do, person: soft reference
  title text not null default '' check (char_length(title) <= 480),
  detail text not null default '' check (char_length(detail) <= 1000),
  channel text not null check (channel in ('app','digest','mail')),
  read_at timestamptz,
  mailed_at timestamptz,
  mail_lease_until timestamptz,  -- a worker sends it now
  unique (agency_id, user_id, event_key),
  foreign key (agency_id, sub_account_id) references sub_accounts (agency_id, id) on update cascade on delete cascade
);
create index notifications_list on notifications (agency_id, user_id, created_at desc, id desc);  -- the page, keyset
create index notifications_unread on notifications (agency_id, user_id, kind) where read_at is null;  -- the bell
create index notifications_digest on notifications (agency_id, user_id, created_at) where channel = 'digest' and read_at is null and mailed_at is null;  -- summaries
create index notifications_mail on notifications (agency_id, user_id, created_at) where channel = 'mail' and read_at is null and mailed_at is null;  -- what goes along with a mail
create index notifications_subject on notifications (agency_id, subject) where read_at is null;  -- what is settled
create index notifications_age on notifications (created_at);  -- retention

-- A link that stops emails without a sign-in.
alter table one_time_tokens drop constraint one_time_tokens_purpose_check,
  add constraint one_time_tokens_purpose_check
  check (purpose in ('invite','set_password','reset','renewal','answer','share','unsubscribe')) not valid;  -- validated in 20261207080100

call ops.protect('notifications', 'M:A');
call ops.index_fks();
