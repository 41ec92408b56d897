//! How well an open page hears of changes, as its indicator shows it.

use domain::language::Language;

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

    /// The word beside the indicator, in the language of the page.
    pub(crate) const fn word(self, language: Language) -> &'static str {
        match (language, self) {
            (_, Self::Starting) => "",
            (Language::English, Self::Live) => "Live",
            (Language::English, Self::Reconnecting) => "Reconnecting\u{2026}",
            (Language::English, Self::Silent) => "Not live, checking every 15 s",
            (Language::English, Self::Paused) => "Paused",
            (Language::English, Self::SignedOut) => "Signed out. Reload to sign in",
            (Language::Spanish, Self::Live) => "En vivo",
            (Language::Spanish, Self::Reconnecting) => "Reconectando\u{2026}",
            (Language::Spanish, Self::Silent) => "Sin conexión en vivo, mira cada 15 s",
            (Language::Spanish, Self::Paused) => "En pausa",
            (Language::Spanish, Self::SignedOut) => "Sesión cerrada. Cargue la página de nuevo",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_indicator_speaks_the_language_of_the_page() {
        use StreamState::{Live, Paused, Reconnecting, SignedOut, Silent};
        for state in [Live, Reconnecting, Silent, Paused, SignedOut] {
            assert_ne!(state.word(Language::English), state.word(Language::Spanish), "{}", state.key());
        }
    }
}
