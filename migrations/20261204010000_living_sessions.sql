-- Which of these sessions live: one question for all open streams of a process, which end with the session they were opened with.
-- oldest program: 20261203104000

-- Runs with the rights of whoever asks: each hash is shown in turn, as at a request, so nothing is learnt of a session that is not known.
create function living_sessions(p_hashes bytea[]) returns setof bytea language plpgsql set search_path = pg_catalog, public as $$
declare
  one bytea;
begin
  foreach one in array p_hashes loop
    perform set_config('app.presented_hash', encode(one, 'hex'), true);
    return query select secret_hash from sessions
      where secret_hash = one and expires_at > now() and last_seen_at + make_interval(secs => idle_seconds) > now();
  end loop;
  perform set_config('app.presented_hash', '', true);
end $$;
revoke execute on function living_sessions(bytea[]) from public;
grant execute on function living_sessions(bytea[]) to app_rt, app_worker;
