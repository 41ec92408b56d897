-- The owner reads the audit log no more.
-- oldest program: 20261203104000
drop policy backfill on audit_events;
drop policy backfill on audit_links;
drop policy backfill on audit_pending;
