-- What a write was answered, and since when a step is in trouble outside. Both may be absent: an older program neither reads nor writes them.
-- oldest program: 20261203104000

-- An answer other than yes proves nothing by itself: the write is looked for all the same, and this says what was answered.
alter table effects add column answered smallint check (answered between 100 and 599);

-- Since when HighLevel cannot be reached, fails or takes no call in this step; absent when all is well.
alter table provisioning_steps add column trouble_since timestamptz;
