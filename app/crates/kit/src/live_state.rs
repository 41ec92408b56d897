//! How well an open page hears of changes, as its indicator shows it.

/// State of the page's event stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamState {
    Starting,
    Live,
    Reconnecting,
    Silent,
    Paused,
    SignedOut,
}

impl StreamState {
    /// The value of the indicator's `data-state`.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Starting => "still",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Silent => "deaf",
            Self::Paused => "paused",
            Self::SignedOut => "signed-out",
        }
    }

    /// The word beside the indicator.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Starting => "",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting\u{2026}",
            Self::Silent => "Not live, looks every 15 s",
            Self::Paused => "Paused",
            Self::SignedOut => "Signed out. Reload to sign in",
        }
    }
}
