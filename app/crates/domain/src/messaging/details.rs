//! What becomes of what is known of two contacts when they become one, and when that is taken back?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The longest note, in characters.
const NOTE: usize = 4000;

/// What is known of a contact, apart from the ids that platforms give it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The name.
    pub name: String,
    /// Whether a person wrote the name, so that platforms do not replace it.
    pub is_named: bool,
    /// The mail address.
    pub email: Option<String>,
    /// The phone number in international form.
    pub phone: Option<String>,
    /// The company.
    pub company: String,
    /// What the business noted.
    pub note: String,
    /// Since when the person wants no automatic messages.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Since when the person wants no advertising.
    pub marketing_refused_at: Option<DateTime<Utc>>,
    /// When the person last wrote.
    pub last_activity_at: Option<DateTime<Utc>>,
}

impl Details {
    /// The details of the contact that another one becomes part of. What the other one has fills what is empty, a name that a
    /// person wrote comes before one that a platform says, notes are kept below each other, and what was refused stays refused.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let takes_name = other.is_named && !self.is_named || self.name.is_empty();
        Self {
            name: if takes_name { other.name.clone() } else { self.name.clone() },
            is_named: self.is_named || other.is_named,
            email: self.email.as_ref().or(other.email.as_ref()).cloned(),
            phone: self.phone.as_ref().or(other.phone.as_ref()).cloned(),
            company: if self.company.is_empty() { other.company.clone() } else { self.company.clone() },
            note: joined(&self.note, &other.note),
            opted_out_at: earlier(self.opted_out_at, other.opted_out_at),
            marketing_refused_at: earlier(self.marketing_refused_at, other.marketing_refused_at),
            last_activity_at: self.last_activity_at.max(other.last_activity_at),
        }
    }

    /// The details of both contacts after they are two again, the one that stayed first. What nobody changed since is as it was
    /// before. A name, address or note that somebody changed since belongs to the one that stayed; what the person refused or
    /// agreed to since holds for both.
    #[must_use]
    pub fn apart(&self, kept: &Self, other: &Self) -> (Self, Self) {
        let both = kept.with(other);
        let is_named_anew = (&self.name, self.is_named) != (&both.name, both.is_named);
        let (name, is_named) = if is_named_anew { (&self.name, self.is_named) } else { (&kept.name, kept.is_named) };
        let stayed = Self {
            name: name.clone(),
            is_named,
            email: unless_changed(&self.email, &both.email, &kept.email),
            phone: unless_changed(&self.phone, &both.phone, &kept.phone),
            company: unless_changed(&self.company, &both.company, &kept.company),
            note: unless_changed(&self.note, &both.note, &kept.note),
            opted_out_at: unless_changed(&self.opted_out_at, &both.opted_out_at, &kept.opted_out_at),
            marketing_refused_at: unless_changed(
                &self.marketing_refused_at,
                &both.marketing_refused_at,
                &kept.marketing_refused_at,
            ),
            last_activity_at: unless_changed(&self.last_activity_at, &both.last_activity_at, &kept.last_activity_at),
        };
        let back = Self {
            opted_out_at: unless_changed(&self.opted_out_at, &both.opted_out_at, &other.opted_out_at),
            marketing_refused_at: unless_changed(
                &self.marketing_refused_at,
                &both.marketing_refused_at,
                &other.marketing_refused_at,
            ),
            last_activity_at: unless_changed(&self.last_activity_at, &both.last_activity_at, &other.last_activity_at),
            ..other.clone()
        };
        (stayed, back)
    }
}

/// What was before, unless somebody changed it since.
fn unless_changed<T: Clone + PartialEq>(now: &T, left: &T, before: &T) -> T {
    if now == left { before.clone() } else { now.clone() }
}

/// The earlier of two times, if there is one.
fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

/// Two notes below each other, as far as there is room.
fn joined(one: &str, other: &str) -> String {
    let between = if one.is_empty() || other.is_empty() { "" } else { "\n" };
    one.chars().chain(between.chars()).chain(other.chars()).take(NOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(second, 0)
    }

    /// Contacts of whom more or less is known.
    fn some() -> Vec<Details> {
        let full = Details {
            name: "Ana".into(),
            is_named: true,
            email: Some("ana@example.test".into()),
            phone: Some("+13055550142".into()),
            company: "Bay".into(),
            note: "Called.".into(),
            opted_out_at: at(5),
            marketing_refused_at: at(6),
            last_activity_at: at(7),
        };
        let seen = Details { name: "zoe".into(), last_activity_at: at(9), ..Details::default() };
        let noted = Details { note: "x".repeat(NOTE), opted_out_at: at(1), ..seen.clone() };
        let other = Details { name: "Eve".into(), email: Some("eve@example.test".into()), ..full.clone() };
        vec![Details::default(), full, seen, noted, other]
    }

    #[test]
    fn two_that_became_one_are_what_they_were_if_nobody_changed_anything() {
        for kept in some() {
            for other in some() {
                let both = kept.with(&other);
                assert_eq!(both.apart(&kept, &other), (kept.clone(), other.clone()));
                assert!(both.note.chars().count() <= NOTE);
                assert_eq!(both.opted_out_at.is_some(), kept.opted_out_at.is_some() || other.opted_out_at.is_some());
            }
        }
    }

    #[test]
    fn what_is_empty_is_filled_and_a_name_that_a_person_wrote_comes_first() {
        let all = some();
        let [none, full, seen, noted, other] = &all[..] else { unreachable!() };
        assert_eq!(none.with(full), *full);
        assert_eq!(seen.with(full), Details { last_activity_at: at(9), ..full.clone() });
        let both = full.with(other);
        assert_eq!((both.name.as_str(), both.email.as_deref()), ("Ana", Some("ana@example.test")));
        assert_eq!(both.note, "Called.\nCalled.");
        assert_eq!(full.with(noted).opted_out_at, at(1));
    }

    #[test]
    fn what_somebody_changed_since_stays_and_what_a_person_refused_since_holds_for_both() {
        let all = some();
        let [_, full, seen, ..] = &all[..] else { unreachable!() };
        let mut both = seen.with(full);
        both.name = "Ana Diaz".into();
        both.phone = None;
        both.opted_out_at = at(20);
        both.last_activity_at = at(21);
        let (stayed, back) = both.apart(seen, full);
        assert_eq!((stayed.name.as_str(), stayed.is_named, stayed.phone), ("Ana Diaz", true, None));
        assert_eq!((stayed.email, stayed.company.as_str()), (None, ""));
        assert_eq!((stayed.opted_out_at, back.opted_out_at), (at(20), at(20)));
        assert_eq!((stayed.last_activity_at, back.last_activity_at), (at(21), at(21)));
        assert_eq!((back.name.as_str(), back.phone.as_deref()), ("Ana", full.phone.as_deref()));
    }
}
