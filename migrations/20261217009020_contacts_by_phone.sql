-- no-transaction
-- oldest program: 20261203104000
-- The contacts of a business whose number begins with some digits: the same expression as in lookup.find_contacts.
create index concurrently if not exists contacts_by_phone on contacts (sub_account_id, phone text_pattern_ops);
