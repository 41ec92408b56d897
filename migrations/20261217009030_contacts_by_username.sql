-- no-transaction
-- oldest program: 20261203104000
-- The contacts of a business whose user name begins with some letters: the same expression as in lookup.find_contacts.
create index concurrently if not exists contacts_by_username on contact_identities (sub_account_id, searchable(username) text_pattern_ops);
