//! In which languages do people read, how is one chosen, and how does each write dates and lists?

pub mod sentences;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use crate::dates::MONTHS;
use crate::identity::Role;

/// A language of the business pages, the sign-in pages and the mails. Every one has a complete catalogue of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English of the United States.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Spanish of Latin America, with the formal "usted".
    #[serde(rename = "es")]
    Spanish,
}

/// Countries in which most people read Spanish.
const SPANISH: &[&str] = &[
    "AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "ES", "GQ", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "PY", "SV",
    "UY", "VE",
];

/// The text with a capital letter at its beginning.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const SPANISH_MONTHS: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its tag, as stored (`users.locale`) and as the `lang` of a document.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// Its name in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Español",
        }
    }

    /// What of these two belongs to the language: its texts, say.
    #[must_use]
    pub const fn of<T>(self, english: &'static T, spanish: &'static T) -> &'static T {
        match self {
            Self::English => english,
            Self::Spanish => spanish,
        }
    }

    /// The language of a tag such as `es` or `es-MX`. `None` if it is none of ours.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let main = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| main.eq_ignore_ascii_case(language.key()))
    }

    /// The language that an `Accept-Language` header wants most. `None` if it wants none of ours.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for part in header.split(',').take(20) {
            let (tag, rest) = part.split_once(';').unwrap_or((part, ""));
            let weight = rest.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.trim().parse().ok());
            let wanted = weight.filter(|weight| *weight > 0.0).zip(Self::parse(tag));
            if let Some(found) = wanted.filter(|found| best.is_none_or(|best| found.0 > best.0)) {
                best = Some(found);
            }
        }
        best.map(|best| best.1)
    }

    /// The language of a country, by its two letters. English for all that are not known to read Spanish.
    #[must_use]
    pub fn of_country(code: &str) -> Self {
        if SPANISH.iter().any(|known| known.eq_ignore_ascii_case(code.trim())) { Self::Spanish } else { Self::English }
    }

    /// The language of a business: the one that was chosen for it, by its tag, or else that of its country. A tag that
    /// only another version knows counts as none.
    #[must_use]
    pub fn of_business(chosen: Option<&str>, country: Option<&str>) -> Self {
        chosen.and_then(Self::parse).unwrap_or_else(|| Self::of_country(country.unwrap_or_default()))
    }

    /// The name of a built-in role.
    #[must_use]
    pub const fn role(self, role: Role) -> &'static str {
        match (self, role) {
            (Self::English, role) => role.label(),
            (Self::Spanish, Role::SuperAdmin) => "Superadministrador",
            (Self::Spanish, Role::Support) => "Soporte",
            (Self::Spanish, Role::AgencyOwner) => "Propietario de la agencia",
            (Self::Spanish, Role::AgencyAdmin) => "Administrador de la agencia",
            (Self::Spanish, Role::AgencyStaff) => "Personal de la agencia",
            (Self::Spanish, Role::BusinessOwner) => "Propietario del negocio",
            (Self::Spanish, Role::TeamMember) => "Miembro del equipo",
        }
    }

    /// The day of a moment by UTC: "Oct 23, 2026", "23 de octubre de 2026".
    #[must_use]
    pub fn date(self, at: DateTime<Utc>) -> String {
        self.day(&at)
    }

    /// The day that a moment is in a zone, which by UTC may be the day before or after.
    #[cfg(feature = "text")]
    #[must_use]
    pub fn date_in(self, zone: chrono_tz::Tz, at: DateTime<Utc>) -> String {
        self.day(&at.with_timezone(&zone))
    }

    fn day(self, at: &impl Datelike) -> String {
        let month = |names: &'static [&'static str; 12]| names.get(at.month0() as usize).copied().unwrap_or_default();
        match self {
            Self::English => format!("{} {}, {}", month(&MONTHS), at.day(), at.year()),
            Self::Spanish => format!("{} de {} de {}", at.day(), month(&SPANISH_MONTHS), at.year()),
        }
    }
}
