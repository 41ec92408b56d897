//! Maintains the integrations that background work uses: tokens, renewal, health checks, snapshot lists and
//! uninstalling.

pub(crate) mod health;
pub(crate) mod imports;
mod instagram;
pub(crate) mod locations;
pub(crate) mod lost_channel;
pub(crate) mod refresh;
pub(crate) mod renewals;
pub(crate) mod resume;
pub(crate) mod snapshots;
pub(crate) mod tokens;
pub(crate) mod uninstall;
