-- no-transaction
-- oldest program: 20261203104000
-- Search of conversations: the same expressions as in lookup.find_conversations.
create index concurrently if not exists conversations_searchable on conversations using gin (
  (searchable(contact_name || e'\n' || last_preview)) gin_trgm_ops, external_address gin_trgm_ops);
