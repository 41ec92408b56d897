-- no-transaction
-- oldest program: 20261203104000
-- An agency's locations by the age of their connection, page by page.
create index concurrently if not exists integrations_by_age on integrations (agency_id, created_at, id) where parent_platform_id is not null;
