-- Knowledge from web pages and files: where a source comes from, how far it is read, and a file until its text is taken.
-- oldest program: 20261203104000

-- Taken first and waited for briefly: less than it takes to notice a deadlock, so that requests go on and this comes again.
set local lock_timeout = '200ms';
lock table knowledge in access exclusive mode;

alter table knowledge
  add column origin text not null default '' check (char_length(origin) <= 2048),  -- the address of a page, the name of a file
  add column state text not null default 'ready' check (state in ('waiting', 'ready', 'failed')),
  add column problem text check (problem in ('not_found', 'refused', 'unreachable', 'not_public', 'redirected', 'too_large', 'wrong_kind', 'empty', 'protected', 'unreadable', 'full')),
  add column read_at timestamptz,  -- when it was last read, or tried
  add column content_hash bytea check (octet_length(content_hash) = 32),  -- of what was read: the same text is not cut anew
  add column upload bytea check (octet_length(upload) <= 10485760),  -- a file until it is read; then only its text stays
  drop constraint knowledge_kind_check,
  add constraint knowledge_kind_check check (kind in ('qa', 'text', 'page', 'file')),
  drop constraint knowledge_content_check,
  add constraint knowledge_content_check check (char_length(content) <= 400000 and (content <> '' or kind in ('page', 'file')));
create index knowledge_to_read on knowledge (state, read_at) where kind in ('page', 'file');  -- what is read again, or waits
