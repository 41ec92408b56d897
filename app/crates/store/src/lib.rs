//! The only door to Postgres: transactions that belong to one tenant, and one file per thing that is stored.

pub mod provisioning;
