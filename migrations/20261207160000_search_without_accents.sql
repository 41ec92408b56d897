-- A search finds a name whether or not its accents are typed: "Jose" finds "José Núñez".
-- oldest program: 20261203104000

-- The form in which texts are searched: like `folded`, and without accents. Letters are taken apart, their marks are removed and
-- what is left is put together again, so that scripts that are written in parts stay whole. A few Latin letters have no parts.
-- `domain::text::searchable` is its twin for what is not in the database. Plain ASCII takes the short way.
create function searchable(given text) returns text language sql immutable parallel safe
return case when octet_length(given) = char_length(given) then lower(given)
  else replace(replace(replace(translate(normalize(regexp_replace(lower(normalize(given, nfd)), '[\u0300-\u036f]', '', 'g'), nfc),
    U&'\03C2\00F8\0142\0111\0127\0167\0131\00F0\00A0\202F\2009\3000\061C\200C\200D\200E\200F\FE0E\FE0F', U&'\03C3oldhtid    '),
    U&'\00DF', 'ss'), U&'\00E6', 'ae'), U&'\0153', 'oe') end;
revoke execute on function searchable(text) from public;
grant execute on function searchable(text) to app_rt, app_worker, app_platform, app_readonly;
