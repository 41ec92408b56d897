-- Texts are compared and searched as people read them, and counted in signs instead of code points.
-- oldest program: 20261203104000

-- Two texts are the same to a person when this says the same of both: case, the spelling of accents (NFC), invisible marks and the
-- kind of space do not count. `domain::text::folded` is its twin for what is not in the database. Plain ASCII takes the short way.
create function folded(given text) returns text language sql immutable parallel safe
return case when octet_length(given) = char_length(given) then lower(given)
  else translate(lower(normalize(given, nfc)), U&'\03C2\00A0\202F\2009\3000\061C\200C\200D\200E\200F\FE0E\FE0F', U&'\03C3    ') end;
revoke execute on function folded(text) from public;
grant execute on function folded(text) to app_rt, app_worker, app_platform, app_readonly;

-- A sign may be four code points long; what a form takes by signs, the column takes too.
alter table users drop constraint users_name_check, add constraint users_name_check check (char_length(name) <= 800);
alter table agencies drop constraint agencies_name_check, add constraint agencies_name_check check (char_length(name) between 1 and 1020);
alter table sub_accounts
  drop constraint sub_accounts_name_check, add constraint sub_accounts_name_check check (char_length(name) between 1 and 1020),
  drop constraint sub_accounts_address_check, add constraint sub_accounts_address_check check (char_length(address) <= 1020),
  drop constraint sub_accounts_city_check, add constraint sub_accounts_city_check check (char_length(city) <= 480),
  drop constraint sub_accounts_state_check, add constraint sub_accounts_state_check check (char_length(state) <= 480),
  drop constraint sub_accounts_postal_code_check, add constraint sub_accounts_postal_code_check check (char_length(postal_code) <= 128);
alter table roles drop constraint roles_name_check, add constraint roles_name_check check (char_length(name) between 1 and 480);
alter table api_tokens drop constraint api_tokens_name_check, add constraint api_tokens_name_check check (char_length(name) between 1 and 480);
alter table snapshots drop constraint snapshots_niche_check, add constraint snapshots_niche_check check (char_length(niche) <= 480);
