-- Sessions that nobody used for their idle time are swept like those past their last hour, and a new password ends the other
-- links that would set one.

alter policy sweep on sessions using (expires_at < now() or last_seen_at + make_interval(secs => idle_seconds) < now());

-- A person's own unspent links, by which they can only be ended: what is written must be over.
create policy own_links on one_time_tokens for all to app_rt, app_worker
  using (user_id = (select nullif(current_setting('app.current_user_id', true), '')::uuid) and purpose in ('set_password', 'reset'))
  with check (user_id = (select nullif(current_setting('app.current_user_id', true), '')::uuid) and purpose in ('set_password', 'reset') and expires_at <= now());
