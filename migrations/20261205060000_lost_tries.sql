-- How often in a row the process that worked on a step ended in the middle of it, without anything done in between. An older program
-- neither counts nor reads it.
-- oldest program: 20261203104000

alter table provisioning_steps add column lost_in_a_row int not null default 0;
