//! The connections that background work uses and keeps alive: tokens, their renewal, health, the list of snapshots, and taking leave.

pub(crate) mod health;
pub(crate) mod refresh;
pub(crate) mod renewals;
pub(crate) mod resume;
pub(crate) mod snapshots;
pub(crate) mod tokens;
pub(crate) mod uninstall;
