//! The connections that background work uses and keeps alive: tokens, their renewal, health, and the list of snapshots.

pub(crate) mod health;
pub(crate) mod refresh;
pub(crate) mod snapshots;
pub(crate) mod tokens;
