//! Which client does a call to a number go to? A phone route points a number at a client, with opening hours, an
//! overflow and a fallback. `destination` decides; everything else here is what a route may be.

mod destination;
pub mod hours;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use self::destination::{Destination, Rule, Stage, destination};
use self::hours::Week;
use crate::field::FieldError;
use crate::{BusinessId, PhoneRouteId, phone, text};

/// The most characters of a label.
pub const LABEL: usize = 120;
/// The most characters of a number as it is typed.
const NUMBER: usize = 64;

/// Who gets a call that nobody open takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhoneFallback"))]
pub enum Fallback {
    /// The number's own client, although it is closed.
    #[default]
    Own,
    /// The agency's default client; the own one if there is none.
    Default,
}

impl Fallback {
    /// The choice with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::Own, Self::Default].into_iter().find(|choice| choice.key() == key)
    }

    /// The key in forms and in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Default => "default",
        }
    }
}

/// Who takes calls while the number's own client is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhoneOverflow"))]
pub struct Overflow {
    /// The client.
    pub business: BusinessId,
    /// When it takes them, in the zone of the route; without hours it takes them at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Week>,
}

/// A phone route as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PhoneRoute {
    /// Its id.
    pub id: PhoneRouteId,
    /// The number that people dial, in international form.
    pub number: String,
    /// The client that the number belongs to.
    pub business: BusinessId,
    /// That client's name.
    pub business_name: String,
    /// What the number is for; empty if nobody said.
    pub label: String,
    /// Whether it is switched on. A call to a number whose route is off goes to the default client.
    pub active: bool,
    /// Whether its client is the default client: it gets the calls to numbers without a route.
    pub is_default: bool,
    /// IANA name of the time zone of all hours.
    pub timezone: String,
    /// When the client takes calls; `None` for at any time.
    pub hours: Option<Week>,
    /// Who takes calls while the client is closed.
    pub overflow: Option<Overflow>,
    /// The name of the overflow client; `None` without overflow, or if the reader may not see that client.
    pub overflow_name: Option<String>,
    /// Who gets a call that nobody open takes.
    pub fallback: Fallback,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl PhoneRoute {
    /// Its time zone; UTC if this program does not know the stored one.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.timezone.parse().unwrap_or(Tz::UTC)
    }
}

const fn switched_on() -> bool {
    true
}

/// A phone route to add, or all that an existing one becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewPhoneRoute {
    /// The number that people dial. Without a country code it is read as a number of the agency's country.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = NUMBER)))]
    pub number: String,
    /// The client that the number belongs to.
    pub business: BusinessId,
    /// What the number is for.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = LABEL)))]
    pub label: String,
    /// Whether it is switched on.
    #[serde(default = "switched_on")]
    pub active: bool,
    /// Whether its client becomes the agency's default client, in place of the present one.
    #[serde(default)]
    pub is_default: bool,
    /// IANA name of the time zone of all hours; empty for the client's own.
    #[serde(default)]
    pub timezone: String,
    /// When the client takes calls; without hours it takes them at any time.
    #[serde(default)]
    pub hours: Option<Week>,
    /// Who takes calls while the client is closed.
    #[serde(default)]
    pub overflow: Option<Overflow>,
    /// Who gets a call that nobody open takes.
    #[serde(default)]
    pub fallback: Fallback,
}

impl NewPhoneRoute {
    /// The route in the form that is stored. `country` is the one whose numbers need no country code.
    ///
    /// # Errors
    /// One entry for each field that is not acceptable.
    pub fn check(self, country: &str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let number = number(&self.number, country).unwrap_or_else(|| {
            errors.push(no_number());
            String::new()
        });
        let label = text::optional(&self.label, LABEL).unwrap_or_else(|wrong| {
            errors.push(FieldError::new("/label", wrong.say("a label")));
            String::new()
        });
        if self.timezone.parse::<Tz>().is_err() {
            errors.push(FieldError::new("/timezone", "Use the name of a time zone, such as America/New_York."));
        }
        if let Some(hours) = &self.hours {
            hours.check("/hours", &mut errors);
        }
        if let Some(overflow) = &self.overflow {
            if overflow.business == self.business {
                errors.push(FieldError::new("/overflow/business", "Choose another client than the number's own."));
            }
            if let Some(hours) = &overflow.hours {
                hours.check("/overflow/hours", &mut errors);
            }
        }
        if errors.is_empty() { Ok(Self { number, label, ..self }) } else { Err(errors) }
    }
}

/// The refusal of a number that cannot be read.
#[must_use]
pub fn no_number() -> FieldError {
    FieldError::new(
        "/number",
        "Enter the whole number, with its country code if it is abroad, such as +1 305 555 0100.",
    )
}

/// A number in international form, as people type it or a provider sends it: also with a country code whose plus sign
/// is missing, if the number is valid. `country` is the one whose numbers need no country code.
#[must_use]
pub fn number(typed: &str, country: &str) -> Option<String> {
    phone::read(typed, country).or_else(|| {
        let plain = text::number(typed);
        let written = plain.chars().all(|letter| letter.is_ascii_digit() || " -.()/".contains(letter));
        let whole: String = plain.chars().filter(char::is_ascii_digit).collect();
        let full = phone::read(&format!("+{whole}"), country).filter(|_| written && plain.len() <= NUMBER)?;
        phonenumber::parse(None, &full).ok().filter(phonenumber::PhoneNumber::is_valid).map(|_| full)
    })
}

/// A question: where does a call to this number go at this time?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "PhoneCall"))]
pub struct Call {
    /// The number that is dialed. Without a country code it is read as a number of the agency's country.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = NUMBER)))]
    pub number: String,
    /// When: `2026-03-08T17:30:00-05:00`, or without an offset by the clock of the route's zone. Left out it is now.
    #[serde(default)]
    pub at: Option<String>,
}

/// A time as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// An instant.
    Instant(DateTime<Utc>),
    /// What the clock on the wall shows.
    Clock(NaiveDateTime),
}

impl When {
    /// Reads a time. An empty text is `now`; `None` if it cannot be read.
    #[must_use]
    pub fn parse(typed: &str, now: DateTime<Utc>) -> Option<Self> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Some(Self::Instant(now));
        }
        let instant = DateTime::parse_from_rfc3339(typed).ok().map(|at| Self::Instant(at.with_timezone(&Utc)));
        let clock = || {
            let formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
            formats.iter().find_map(|format| NaiveDateTime::parse_from_str(typed, format).ok()).map(Self::Clock)
        };
        instant.or_else(clock).filter(|when| (2000..2100).contains(&when.year()))
    }

    fn year(self) -> i32 {
        match self {
            Self::Instant(at) => at.year(),
            Self::Clock(clock) => clock.year(),
        }
    }

    /// The instant, where a clock means one in the zone of this route; without a route, in UTC.
    #[must_use]
    pub fn instant(self, route: Option<&PhoneRoute>) -> Option<DateTime<Utc>> {
        match self {
            Self::Instant(at) => Some(at),
            Self::Clock(clock) => hours::instant(clock, route.map_or(Tz::UTC, PhoneRoute::zone)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provisioning::ZONES;

    #[test]
    fn numbers_are_read_as_the_agencys_country_writes_them() {
        for (typed, country, kept) in [
            // The rule of the first document: ten digits, eleven that begin with 1, anything else with its country
            // code.
            ("(305) 555-0100", "US", Some("+13055550100")),
            ("305.555.0100", "US", Some("+13055550100")),
            ("3055550100", "US", Some("+13055550100")),
            ("1 305 555 0100", "US", Some("+13055550100")),
            ("13055550100", "US", Some("+13055550100")),
            ("+1 305 555 0100", "US", Some("+13055550100")),
            ("442079460018", "US", Some("+442079460018")),
            ("+44 20 7946 0018", "US", Some("+442079460018")),
            ("tel:+1-305-555-0100", "US", Some("+13055550100")),
            // Another country's agency dials its own way.
            ("020 7946 0018", "GB", Some("+442079460018")),
            ("030 1234567", "DE", Some("+49301234567")),
            ("13055550100", "GB", Some("+13055550100")),
            // One digit short or long is no number of anybody.
            ("305555010", "US", None),
            ("30555501000", "US", None),
            ("911", "US", None),
            ("1-800-FLOWERS", "US", None),
            ("+1 305 555 0100 ext 5", "US", None),
            ("", "US", None),
        ] {
            assert_eq!(number(typed, country).as_deref(), kept, "{typed:?} in {country}");
        }
    }

    fn new(change: impl FnOnce(&mut NewPhoneRoute)) -> Result<NewPhoneRoute, Vec<String>> {
        let mut route: NewPhoneRoute = serde_json::from_value(serde_json::json!({
            "number": "(305) 555-0100", "business": uuid::Uuid::nil(), "timezone": "America/New_York"
        }))
        .unwrap();
        change(&mut route);
        route.check("US").map_err(|errors| errors.into_iter().map(|error| error.pointer).collect())
    }

    #[test]
    fn a_route_is_checked_field_by_field() {
        let sound = new(|route| route.label = "  Front\u{a0}desk ".to_owned()).unwrap();
        assert_eq!((sound.number.as_str(), sound.label.as_str(), sound.active), ("+13055550100", "Front desk", true));
        assert_eq!(sound.clone().check("GB"), Ok(sound), "what is stored is read the same everywhere");
        let all = new(|route| {
            route.number = "12".to_owned();
            route.label = "x".repeat(LABEL + 1);
            route.timezone = "Mars/Olympus".to_owned();
            route.hours = Some(Week::default());
            route.overflow = Some(Overflow { business: route.business, hours: Some(Week::default()) });
        });
        let wrong = ["/number", "/label", "/timezone", "/hours", "/overflow/business", "/overflow/hours"];
        assert_eq!(all.unwrap_err(), wrong);
    }

    #[test]
    fn every_zone_that_a_form_suggests_is_one_of_a_route() {
        assert!(ZONES.iter().all(|zone| zone.id.parse::<Tz>().is_ok()));
        assert!(["America/New_York", "US/Central", "UTC"].iter().all(|name| name.parse::<Tz>().is_ok()));
    }

    #[test]
    fn a_time_is_an_instant_or_what_a_clock_shows() {
        let now: DateTime<Utc> = "2026-03-08T12:00:00Z".parse().unwrap();
        let instant = |text: &str| When::parse(text, now).and_then(|when| when.instant(None));
        assert_eq!(instant(" "), Some(now));
        for text in ["2026-03-08T08:00:00-04:00", "2026-03-08T12:00:00Z", "2026-03-08T12:00", "2026-03-08T12:00:00"] {
            assert_eq!(instant(text), Some(now), "{text}");
        }
        for text in ["noon", "2026-13-45T99:99:99Z", "0001-01-01T00:00", "+262000-01-01T00:00:00Z", "2100-01-01T00:00"]
        {
            assert_eq!(When::parse(text, now), None, "{text}");
        }
    }
}
