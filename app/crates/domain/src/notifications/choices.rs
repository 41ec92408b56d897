//! How does a person want to be told? What a person chose comes first, then what their agency chose, then what is
//! usual.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Kind;

/// How a person is told of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Not at all.
    Off,
    /// On the page of notifications alone.
    App,
    /// There, and in the daily summary by email.
    Digest,
    /// There, and by an email of its own.
    Mail,
}

impl Channel {
    /// Every channel, from quiet to loud.
    pub const ALL: [Self; 4] = [Self::Off, Self::App, Self::Digest, Self::Mail];

    /// Its stored name.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::App => "app",
            Self::Digest => "digest",
            Self::Mail => "mail",
        }
    }

    /// The channel with this name.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.key() == key)
    }

    /// The channel in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::App => "In Slipway",
            Self::Digest => "In Slipway and the daily summary",
            Self::Mail => "In Slipway and by email",
        }
    }
}

/// Hours in which no email is sent: from one full hour until another, over midnight if `to` is not later. Equal hours
/// are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// The hour in which they begin, 0 to 23.
    pub from: u8,
    /// The hour in which they end, 0 to 23.
    pub to: u8,
}

impl Quiet {
    /// No quiet hours.
    pub const NONE: Self = Self { from: 0, to: 0 };

    /// The quiet hours that a form offers.
    pub const OFFERED: [Self; 6] = [
        Self { from: 18, to: 8 },
        Self { from: 19, to: 7 },
        Self { from: 20, to: 8 },
        Self { from: 21, to: 7 },
        Self { from: 22, to: 7 },
        Self { from: 22, to: 8 },
    ];

    /// The value in forms: `none` or `22-7`.
    #[must_use]
    pub fn key(self) -> String {
        if self == Self::NONE { "none".to_owned() } else { format!("{}-{}", self.from, self.to) }
    }

    /// Reads the value of a form.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        [Self::NONE].into_iter().chain(Self::OFFERED).find(|quiet| quiet.key() == key)
    }

    /// The hours in words.
    #[must_use]
    pub fn words(self) -> String {
        if self == Self::NONE { "None".to_owned() } else { format!("{} to {}", clock(self.from), clock(self.to)) }
    }

    /// True if a clock that shows this hour is inside.
    #[must_use]
    pub const fn covers(self, hour: u8) -> bool {
        if self.from <= self.to { self.from <= hour && hour < self.to } else { hour >= self.from || hour < self.to }
    }
}

/// An hour as an American clock shows it: "5 PM".
#[must_use]
pub fn clock(hour: u8) -> String {
    format!("{} {}", (hour + 11) % 12 + 1, if hour < 12 { "AM" } else { "PM" })
}

/// The hour of the daily summary, unless somebody chose another one.
const DIGEST_HOUR: u8 = 8;
/// The zone of people who chose none, in an agency that chose none.
pub const ZONE: &str = "America/New_York";

/// What a person or an agency chose. What is absent was not chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choices {
    /// The channel of each kind.
    #[serde(deserialize_with = "known", skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<Kind, Channel>,
    /// Whether they also hear of what others started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub everyones: Option<bool>,
    /// The hour of the daily summary, 0 to 23.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest_hour: Option<u8>,
    /// The hours without emails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// Whether an email about something that cannot wait is sent in quiet hours, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgent: Option<bool>,
    /// The time zone of these hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// Leaves out kinds and channels of a newer version.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Kind, Channel>, D::Error> {
    let stored = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let read = |(kind, channel): (String, Value)| Some((Kind::parse(&kind)?, Channel::parse(channel.as_str()?)?));
    Ok(stored.into_iter().filter_map(read).collect())
}

impl Choices {
    /// Reads what is stored. What cannot be read was not chosen.
    #[must_use]
    pub fn stored(value: Option<Value>) -> Self {
        value.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }

    /// The choices without emails of these kinds. They still appear on the page of notifications.
    #[must_use]
    pub fn without_mails(mut self, kinds: &[Kind]) -> Self {
        for kind in kinds {
            if self.kinds.get(kind) != Some(&Channel::Off) {
                self.kinds.insert(*kind, Channel::App);
            }
        }
        self
    }
}

/// What applies to a person in an agency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// What the person chose.
    pub own: Choices,
    /// What the agency chose.
    pub agency: Choices,
}

impl Rules {
    /// How the person is told of a kind.
    #[must_use]
    pub fn channel(&self, kind: Kind) -> Channel {
        let chosen = self.own.kinds.get(&kind).or_else(|| self.agency.kinds.get(&kind));
        chosen.copied().unwrap_or_else(|| kind.usual())
    }

    /// Whether the person hears of what others started.
    #[must_use]
    pub fn everyones(&self) -> bool {
        self.own.everyones.or(self.agency.everyones).unwrap_or(false)
    }

    /// The hour of the daily summary.
    #[must_use]
    pub fn digest_hour(&self) -> u8 {
        self.own.digest_hour.or(self.agency.digest_hour).unwrap_or(DIGEST_HOUR).min(23)
    }

    /// The hours without emails.
    #[must_use]
    pub fn quiet(&self) -> Quiet {
        self.own.quiet.or(self.agency.quiet).unwrap_or(Quiet::NONE)
    }

    /// Whether what cannot wait is sent in quiet hours, too.
    #[must_use]
    pub fn urgent(&self) -> bool {
        self.own.urgent.or(self.agency.urgent).unwrap_or(false)
    }

    /// The name of the time zone.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.own.timezone.as_deref().or(self.agency.timezone.as_deref()).unwrap_or(ZONE)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_persons_choice_comes_first_then_the_agencys_then_what_is_usual() {
        let own = Choices { kinds: [(Kind::JobFailed, Channel::Off)].into(), ..Choices::default() };
        let agency = Choices {
            kinds: [(Kind::JobFailed, Channel::App), (Kind::JobFinished, Channel::Digest)].into(),
            everyones: Some(true),
            digest_hour: Some(17),
            quiet: Some(Quiet { from: 22, to: 7 }),
            ..Choices::default()
        };
        let rules = Rules { own, agency };
        assert_eq!(rules.channel(Kind::JobFailed), Channel::Off);
        assert_eq!(rules.channel(Kind::JobFinished), Channel::Digest);
        assert_eq!(rules.channel(Kind::ConnectionLost), Channel::Mail);
        assert!(rules.everyones() && !rules.urgent());
        assert_eq!((rules.digest_hour(), rules.zone()), (17, ZONE));
        let none = Choices { quiet: Some(Quiet::NONE), ..Choices::default() };
        assert_eq!(Rules { own: none, ..rules }.quiet(), Quiet::NONE, "none at all is a choice");
    }

    #[test]
    fn what_a_newer_version_stored_is_left_out() {
        let stored = json!({ "kinds": { "job.failed": "app", "moon.landed": "mail", "job.finished": "carrier pigeon" }, "more": 1 });
        let choices = Choices::stored(Some(stored));
        assert_eq!(choices.kinds, [(Kind::JobFailed, Channel::App)].into());
        assert_eq!(Choices::stored(Some(json!("nonsense"))), Choices::default());
        assert_eq!(Choices::stored(None), Choices::default());
        let again = serde_json::to_value(&choices).ok();
        assert_eq!(again, Some(json!({ "kinds": { "job.failed": "app" } })));
        assert_eq!(Choices::stored(again), choices);
    }

    #[test]
    fn quiet_hours_may_pass_midnight() {
        let night = Quiet { from: 22, to: 7 };
        assert_eq!([21, 22, 23, 0, 6, 7].map(|hour| night.covers(hour)), [false, true, true, true, true, false]);
        let noon = Quiet { from: 12, to: 13 };
        assert_eq!([11, 12, 13].map(|hour| noon.covers(hour)), [false, true, false]);
        assert!((0..24).all(|hour| !Quiet::NONE.covers(hour)));
        for quiet in Quiet::OFFERED {
            assert_eq!(Quiet::parse(&quiet.key()), Some(quiet));
        }
        assert_eq!(Quiet { from: 22, to: 7 }.words(), "10 PM to 7 AM");
        assert_eq!((clock(0), clock(12)), ("12 AM".to_owned(), "12 PM".to_owned()));
    }

    #[test]
    fn no_more_emails_leaves_what_is_off() {
        let own = Choices { kinds: [(Kind::JobFailed, Channel::Off)].into(), ..Choices::default() };
        let own = own.without_mails(&[Kind::JobFailed, Kind::JobNeedsInput]);
        assert_eq!(own.kinds, [(Kind::JobFailed, Channel::Off), (Kind::JobNeedsInput, Channel::App)].into());
    }
}
