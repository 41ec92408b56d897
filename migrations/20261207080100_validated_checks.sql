-- Looks at the rows that were there before the checks of tables in use were added. Others read and write them meanwhile.
-- oldest program: 20261203104000

alter table sub_accounts validate constraint sub_accounts_status_check;
alter table sub_accounts validate constraint sub_accounts_former_status_check;
alter table sub_accounts validate constraint sub_accounts_offboarding_check;
alter table one_time_tokens validate constraint one_time_tokens_purpose_check;
