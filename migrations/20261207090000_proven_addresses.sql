-- Whether a person has shown that they read the mail of their address. An account made by an invitation whose link was handed over has not.
-- oldest program: 20261203104000

-- Null until a link that only the mailbox got sets a password. Accounts so far were made by such links, and a former program makes only those.
alter table users add column email_proven_at timestamptz default now();
grant select (email_proven_at) on users to app_rt, app_worker, app_platform;
