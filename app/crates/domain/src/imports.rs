//! Which sub-accounts does an agency already have in HighLevel, what may be imported as clients, and how does an
//! import go on?

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::business::Details;
use crate::field::FieldError;
use crate::provisioning::{is_country, is_email, is_timezone};
use crate::text;

/// Number of sub-accounts that one request may name.
pub const MOST_AT_ONCE: usize = 500;

/// What a sub-account without a name is called.
const UNNAMED: &str = "Unnamed sub-account";

/// True if the text has the form of an id of HighLevel.
#[must_use]
pub fn is_location_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A sub-account as HighLevel lists it, in the form in which a client is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenLocation {
    /// HighLevel's id.
    pub location: String,
    /// Its name.
    pub name: String,
    /// Its address, time zone and contact.
    pub details: Details,
    /// When HighLevel says that it was created.
    pub added_at: Option<DateTime<Utc>>,
}

impl SeenLocation {
    /// Cleans what HighLevel sent. What a client could not be stored with is left out. `None` if the id is none.
    #[must_use]
    pub fn read(location: &str, name: &str, sent: &Details) -> Option<Self> {
        if !is_location_id(location) {
            return None;
        }
        let line = |value: &Option<String>| value.as_deref().map(text::line).filter(|text| !text.is_empty());
        let short = |value: &Option<String>, most: usize| line(value).map(|text| cut(&text, most));
        let fitting = |value: &Option<String>, most: usize| line(value).filter(|text| text.chars().count() <= most);
        let name = cut(&text::line(name), 255);
        let details = Details {
            email: line(&sent.email).map(|text| text::account(&text)).filter(|text| is_email(text) && text.is_ascii()),
            phone: fitting(&sent.phone, 32),
            website: fitting(&sent.website, 2048),
            address: short(&sent.address, 255),
            city: short(&sent.city, 120),
            state: short(&sent.state, 120),
            postal_code: fitting(&sent.postal_code, 32),
            country: line(&sent.country).map(|code| code.to_uppercase()).filter(|code| is_country(code)),
            timezone: line(&sent.timezone).filter(|zone| is_timezone(zone)),
            notes: None,
        };
        let name = if name.is_empty() { UNNAMED.to_owned() } else { name };
        Some(Self { location: location.to_owned(), name, details, added_at: None })
    }
}

/// The first characters of a text.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim_end().to_owned()
}

/// How far the import of one sub-account is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ImportStatus {
    /// Nobody asked for it.
    #[default]
    New,
    /// It is imported in a moment.
    Waiting,
    /// It could not be imported.
    Failed,
}

/// A sub-account that is no client of the agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportableSubAccount"))]
pub struct Importable {
    /// HighLevel's id of the location.
    pub location_id: String,
    /// Its name.
    pub name: String,
    /// E-mail address.
    pub email: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// Two-letter country code.
    pub country: Option<String>,
    /// IANA name of the time zone.
    pub timezone: Option<String>,
    /// When HighLevel says that it was created.
    pub added_at: Option<DateTime<Utc>>,
    /// How far its import is.
    pub status: ImportStatus,
    /// Why it could not be imported.
    pub reason: Option<String>,
    /// Name of the client in the trash that has this sub-account. That client is restored, not imported again.
    pub in_trash: Option<String>,
}

/// How an import goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ImportProgress"))]
pub struct Progress {
    /// Number of sub-accounts that were asked for.
    pub total: u32,
    /// Number of those that are clients now.
    pub imported: u32,
    /// Number of those that could not be imported. The list says why.
    pub failed: u32,
    /// When it began. `None` if nothing was ever imported.
    pub began_at: Option<DateTime<Utc>>,
    /// When the last one was done; `None` while it goes on.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it waits at the moment.
    pub delay: Option<String>,
}

impl Progress {
    /// True while sub-accounts wait to be imported.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.began_at.is_some() && self.ended_at.is_none()
    }
}

/// How far the list of sub-accounts is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It was never asked for.
    Never,
    /// It is being read.
    Running,
    /// It could not be read: when, and why.
    Failed(DateTime<Utc>, String),
    /// It was read at this time.
    Done(DateTime<Utc>),
}

/// What is known of an agency's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LocationList {
    /// HighLevel's id of the company that it belongs to.
    pub company: String,
    /// When it was last asked for.
    pub asked_at: Option<DateTime<Utc>>,
    /// When it was last read.
    pub read_at: Option<DateTime<Utc>>,
    /// When reading it last failed.
    pub failed_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub failure: Option<String>,
    /// Number of sub-accounts in it.
    pub listed: i64,
    /// Number of those that are no clients, also not in the trash.
    pub left: i64,
    /// The present or last import.
    pub progress: Progress,
}

impl LocationList {
    /// How far it is read. What happened last counts.
    #[must_use]
    pub fn reading(&self) -> Reading {
        let (read, failed) = (self.read_at, self.failed_at);
        if self.asked_at.is_some_and(|asked| read.max(failed).is_none_or(|ended| asked > ended)) {
            return Reading::Running;
        }
        match (read, failed) {
            (read, Some(at)) if read.is_none_or(|read| at > read) => {
                Reading::Failed(at, self.failure.clone().unwrap_or_default())
            }
            (Some(at), _) => Reading::Done(at),
            (None, _) => Reading::Never,
        }
    }
}

/// The result of reading the list once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Sub-accounts in the list.
    pub listed: u64,
    /// Those that the list before did not have.
    pub added: u64,
    /// Those that it no longer has.
    pub gone: u64,
}

/// Which sub-accounts to import, as a page or program asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewImport {
    /// HighLevel's ids of the locations.
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_AT_ONCE)))]
    pub locations: Vec<String>,
    /// The locations among them whose owner is invited by e-mail.
    #[cfg_attr(feature = "schema", schemars(length(max = MOST_AT_ONCE)))]
    pub invite: Vec<String>,
    /// The owner's e-mail address, by location, where it is another one than HighLevel's. An empty one stands for none.
    pub emails: BTreeMap<String, String>,
    /// Whether all that are no clients yet are imported. Then no location is named and nobody is invited.
    pub all: bool,
}

/// One sub-account to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// HighLevel's id of the location.
    pub location: String,
    /// The address that was typed instead of HighLevel's; empty for none.
    pub email: Option<String>,
    /// Whether its owner is invited.
    pub invite: bool,
}

impl NewImport {
    /// The sub-accounts that are named, each once.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn check(&self) -> Result<Vec<Pick>, Vec<FieldError>> {
        let mut errors = Vec::new();
        if self.locations.is_empty() && !self.all {
            errors.push(FieldError::new("/locations", "Select at least one sub-account."));
        }
        if self.all && !(self.locations.is_empty() && self.invite.is_empty()) {
            errors.push(FieldError::new("/all", "Name sub-accounts or ask for all of them, not both."));
        }
        if self.locations.len() > MOST_AT_ONCE {
            let text = format!("Name at most {MOST_AT_ONCE} sub-accounts at once.");
            return Err(vec![FieldError::new("/locations", text)]);
        }
        let known: BTreeSet<&str> = self.locations.iter().map(String::as_str).collect();
        let mut picks = Vec::new();
        for id in &known {
            match self.pick(id) {
                Ok(pick) => picks.push(pick),
                Err(error) => errors.push(error),
            }
        }
        if self.invite.iter().any(|id| !known.contains(id.as_str())) && !self.all {
            errors.push(FieldError::new("/invite", "Invite only owners of sub-accounts that you import."));
        }
        if errors.is_empty() { Ok(picks) } else { Err(errors) }
    }

    fn pick(&self, id: &str) -> Result<Pick, FieldError> {
        if !is_location_id(id) {
            return Err(FieldError::new("/locations", "This is no id of a sub-account."));
        }
        let typed = self.emails.get(id).map(|typed| text::account(typed));
        let is_address = |email: &str| email.is_ascii() && email.len() <= 255 && is_email(email);
        if typed.as_deref().is_some_and(|email| !email.is_empty() && !is_address(email)) {
            return Err(FieldError::new(format!("/emails/{id}"), "Enter an address like ana@example.com."));
        }
        Ok(Pick { location: id.to_owned(), email: typed, invite: self.invite.iter().any(|one| one == id) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(seconds, 0)
    }

    #[test]
    fn what_a_client_cannot_have_is_left_out() {
        let sent = Details {
            email: Some(" Ana@Bay.Example ".into()),
            phone: Some("1".repeat(40)),
            country: Some("us".into()),
            timezone: Some("Mars/Olympus".into()),
            city: Some("M".repeat(300)),
            state: Some("  ".into()),
            ..Details::default()
        };
        let seen = SeenLocation::read("L1", " Bay\u{200b}  Dental ", &sent).unwrap();
        assert_eq!(seen.name, "Bay Dental");
        assert_eq!(seen.details.email.as_deref(), Some("ana@bay.example"));
        assert_eq!(seen.details.country.as_deref(), Some("US"));
        assert_eq!(seen.details.city.map(|city| city.len()), Some(120));
        assert_eq!((seen.details.phone, seen.details.timezone, seen.details.state), (None, None, None));
        assert_eq!(SeenLocation::read("L1", " ", &sent).unwrap().name, UNNAMED);
        assert_eq!(SeenLocation::read("../L1", "Bay", &sent), None);
    }

    #[test]
    fn the_list_says_what_happened_to_it_last() {
        let list = LocationList::default();
        assert_eq!(list.reading(), Reading::Never);
        let list = LocationList { asked_at: at(10), ..list };
        assert_eq!(list.reading(), Reading::Running);
        let list = LocationList { failed_at: at(11), failure: Some("no".into()), ..list };
        assert_eq!(list.reading(), Reading::Failed(at(11).unwrap(), "no".into()));
        let list = LocationList { read_at: at(12), ..list };
        assert_eq!(list.reading(), Reading::Done(at(12).unwrap()));
        assert_eq!(LocationList { asked_at: at(13), ..list }.reading(), Reading::Running);
    }

    #[test]
    fn each_sub_account_is_picked_once_with_what_was_typed() {
        let new = NewImport {
            locations: vec!["B".into(), "A".into(), "B".into()],
            invite: vec!["B".into()],
            emails: [("B".into(), " Ana@Bay.Example".into()), ("A".into(), String::new())].into(),
            all: false,
        };
        let pick =
            |location: &str, email: &str, invite| Pick { location: location.into(), email: Some(email.into()), invite };
        assert_eq!(new.check().unwrap(), [pick("A", "", false), pick("B", "ana@bay.example", true)]);
    }

    #[test]
    fn what_cannot_be_imported_is_named() {
        let pointers = |new: NewImport| -> Vec<String> {
            new.check().unwrap_err().into_iter().map(|error| error.pointer).collect()
        };
        assert_eq!(pointers(NewImport::default()), ["/locations"]);
        assert_eq!(pointers(NewImport { locations: vec!["../x".into()], ..NewImport::default() }), ["/locations"]);
        let many = (0..=MOST_AT_ONCE).map(|n| format!("L{n}")).collect();
        assert_eq!(pointers(NewImport { locations: many, ..NewImport::default() }), ["/locations"]);
        let new = NewImport { locations: vec!["A".into()], invite: vec!["B".into()], ..NewImport::default() };
        assert_eq!(pointers(new), ["/invite"]);
        let emails = [("A".to_owned(), "ana".to_owned())].into();
        let new = NewImport { locations: vec!["A".into()], emails, ..NewImport::default() };
        assert_eq!(pointers(new), ["/emails/A"]);
        assert_eq!(pointers(NewImport { locations: vec!["A".into()], all: true, ..NewImport::default() }), ["/all"]);
    }
}
