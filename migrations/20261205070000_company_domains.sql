-- A white-labelled company opens HighLevel under a domain of its own: links to its locations lead there.
-- oldest program: 20261203104000

alter table integrations
  add column platform_domain text check (char_length(platform_domain) <= 255);  -- as the provider answered it; null: none, or not known
