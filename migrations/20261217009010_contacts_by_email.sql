-- no-transaction
-- oldest program: 20261203104000
-- The contacts of a business whose mail address begins with some letters: the same expression as in lookup.find_contacts.
create index concurrently if not exists contacts_by_email on contacts (sub_account_id, searchable(email) text_pattern_ops);
