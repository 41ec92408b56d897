-- no-transaction
-- oldest program: 20261203104000
-- The contacts of a business whose name begins with some letters: the same expression as in lookup.find_conversations.
create index concurrently if not exists contacts_by_name on contacts (sub_account_id, searchable(name) text_pattern_ops);
