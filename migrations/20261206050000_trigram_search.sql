-- Parts of texts are found by an index where no policy stands before it: on the platform's lists. Postgres comes with the extension.
-- oldest program: 20261203104000

create extension if not exists pg_trgm;
