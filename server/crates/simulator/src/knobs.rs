//! The simulator's switches and their defaults.
//!
//! Times are in real milliseconds, before they are divided by the time scale.

use serde::{Deserialize, Serialize};

use crate::records::PushMode;

/// The switches of the simulator.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Knobs {
    /// Always [`Knobs::ID`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// How long search does not show a new location.
    pub search_lag_ms: u64,
    /// Maximum extra search lag, drawn at random for each location.
    pub search_lag_jitter_ms: u64,
    /// How long after its creation no token can be minted for a location.
    pub install_lag_ms: u64,
    /// How long a push of a snapshot takes.
    pub snapshot_ms: u64,
    /// How future pushes end.
    pub snapshot_mode: PushMode,
    /// Grace period: how long a used refresh token still works.
    pub refresh_grace_ms: u64,
    /// When the INSTALL webhook is sent: `before` or `after` the browser returns, or `never`.
    pub install_event: String,
    /// URL that webhooks are sent to. Empty means that none are sent.
    pub webhook_url: String,
    /// Whether answers carry the rate-limit headers.
    pub rate_headers: bool,
    /// Calls allowed in ten seconds, for each app and company or location.
    pub rate_max: usize,
    /// Calls allowed in a day, for each app and company or location.
    pub daily_max: usize,
    /// Whether a 429 has a plain-text body.
    pub plain_429: bool,
    /// What happens when a second custom value with the same name is created: `suffix` creates it with another key,
    /// `refuse` answers 400.
    pub custom_value_collision: String,
    /// How far the clock has been moved forward.
    pub advanced_ms: i64,
}

impl Knobs {
    /// Id of the only set of switches.
    pub const ID: &'static str = "knobs";
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            id: Self::ID.into(),
            search_lag_ms: 3_000,
            search_lag_jitter_ms: 0,
            install_lag_ms: 4_000,
            snapshot_ms: 24_000,
            snapshot_mode: PushMode::Normal,
            refresh_grace_ms: 0,
            install_event: "after".into(),
            webhook_url: String::new(),
            rate_headers: true,
            rate_max: 100,
            daily_max: 200_000,
            plain_429: false,
            custom_value_collision: "suffix".into(),
            advanced_ms: 0,
        }
    }
}
