-- Where a write outside can be recognised by its marker. Null: it is told apart by what it writes.
alter table effects add column marked_in text check (marked_in in ('name', 'email', 'nowhere'));

-- What appeared after it had been given up, for an agency's start page.
create index effects_locations on effects (agency_id, created_at) where kind = 'create_location';
