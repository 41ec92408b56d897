//! Holds a form that needs a fresh proof of identity until the person has given it, so that it can be sent then.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::feature::operation_named;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;
use tower_sessions::session::Error;
use uuid::Uuid;

use crate::flash::Flash;
use crate::session_value::take;

const KEY: &str = "held_form";
/// How long a form is held.
const KEPT: TimeDelta = TimeDelta::minutes(15);
/// The most fields that a form may have of which several have one name.
const MOST_FIELDS: usize = 2048;
/// The most bytes of such fields, names and values together.
const MOST_BYTES: usize = 128 * 1024;
/// The name and value of each field of a form, in the order in which they were sent.
pub type Fields = Vec<(String, String)>;

/// What was sent with a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// The typed values, without secrets; of several fields of one name the last.
    pub values: BTreeMap<String, String>,
    /// Whether the values are all that was sent.
    pub complete: bool,
    /// Every field, if the values are not all that was sent because several fields have one name.
    pub fields: Option<Fields>,
}

impl Sent {
    /// Typed values that are all that was sent.
    #[must_use]
    pub const fn whole(values: BTreeMap<String, String>) -> Self {
        Self { values, complete: true, fields: None }
    }

    /// Adds every field, where several have one name. Fields with a secret are not kept, and neither are too many.
    #[must_use]
    pub fn with_repeated(mut self, fields: Fields) -> Self {
        let size: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        let fits = fields.len() <= MOST_FIELDS && size <= MOST_BYTES;
        let secret = fields.iter().any(|(name, _)| Flash::is_secret(name));
        self.fields = (!self.complete && fits && !secret).then_some(fields);
        self
    }
}

/// A form that waits. A session holds one: the last one that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldForm {
    /// Its id, which the page that asks for the proof names. What a person confirms is what that page showed.
    pub id: Uuid,
    /// The page that the form is on.
    pub page: String,
    /// When it was sent.
    pub at: DateTime<Utc>,
    /// The server function and the typed values, without secrets.
    pub form: Flash,
    /// Whether the values are all that was sent. A form with a secret is not: it has to be sent by the person again.
    pub complete: bool,
    /// Every field, if the values are not all because several fields have one name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Fields>,
}

impl HeldForm {
    /// Holds a form. An earlier one is forgotten.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn keep(session: &Session, page: &str, operation: &str, sent: Sent) -> Result<(), Error> {
        // The database accepts no zero byte in a text, and nobody typed one.
        let clean = |(name, value): (String, String)| (name.replace('\0', ""), value.replace('\0', ""));
        let values = sent.values.into_iter().map(clean).collect();
        let form = Flash { operation: operation.to_owned(), values, ..Flash::default() };
        let fields = sent.fields.map(|fields| fields.into_iter().map(clean).collect());
        let (id, page, at, complete) = (Uuid::now_v7(), page.to_owned(), crate::clock::now(), sent.complete);
        session.insert(KEY, Self { id, page, at, form, complete, fields }).await
    }

    /// All fields of the form, to be sent again. `None` if they are not kept whole.
    #[must_use]
    pub fn whole(&self) -> Option<Fields> {
        let values = || self.form.values.clone().into_iter().collect();
        self.fields.clone().or_else(|| self.complete.then(values))
    }

    /// The form that is held for this page.
    ///
    /// # Errors
    /// When the session cannot be read.
    pub async fn of_page(session: &Session, page: &str) -> Result<Option<Self>, Error> {
        let held: Option<Self> = session.get(KEY).await?;
        Ok(held.filter(|held| held.page == page && held.is_fresh(crate::clock::now())))
    }

    /// Takes the form with this id out of this copy of the session. Requests at the same time have copies of their own, so
    /// only the one that claims the form (`operations::identity::confirmation::claim_form`) may send it.
    ///
    /// # Errors
    /// When the session cannot be read or written.
    pub async fn take(session: &Session, id: Uuid) -> Result<Option<Self>, Error> {
        let held: Option<Self> = session.get(KEY).await?;
        if held.is_none_or(|held| held.id != id) {
            return Ok(None);
        }
        let held: Option<Self> = take(session, KEY).await?;
        Ok(held.filter(|held| held.is_fresh(crate::clock::now())))
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        (TimeDelta::zero()..=KEPT).contains(&(now - self.at))
    }

    /// What the form does, as the end of "to …", with the values that it names. `None` if nothing is declared.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let words = operation_named(&self.form.operation)?.confirmed?;
        let named =
            |words: String, (name, value): (&String, &String)| words.replace(&format!("{{{name}}}"), value.trim());
        Some(self.form.values.iter().fold(words.to_owned(), named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_it_does_and_is_held_for_a_while() {
        let values = [("email".to_owned(), " lena@harbor.test ".to_owned())].into();
        let form = Flash { operation: "invite_colleague".to_owned(), values, ..Flash::default() };
        let at = crate::clock::now();
        let held =
            HeldForm { id: Uuid::now_v7(), page: "/a/harbor/team".to_owned(), at, form, complete: true, fields: None };
        assert_eq!(held.words().as_deref(), Some("invite lena@harbor.test"));
        assert!(held.is_fresh(at) && held.is_fresh(at + TimeDelta::minutes(15)));
        assert!(!held.is_fresh(at + TimeDelta::minutes(16)) && !held.is_fresh(at - TimeDelta::minutes(1)));
        let other = HeldForm { form: Flash { operation: "sign_out".to_owned(), ..Flash::default() }, ..held };
        assert_eq!(other.words(), None);
    }

    #[test]
    fn a_form_with_many_boxes_of_one_name_is_kept_whole_and_one_with_a_secret_is_not() {
        let boxes = |more: &[(&str, &str)]| -> Fields {
            let boxes = (0..500).map(|n| ("id[]".to_owned(), format!("L{n}")));
            boxes.chain(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
        };
        let sent = |fields: Fields| {
            let values: BTreeMap<_, _> = fields.iter().cloned().collect();
            Sent { complete: values.len() == fields.len(), values, fields: None }.with_repeated(fields)
        };
        let held = |sent: Sent| HeldForm {
            id: Uuid::now_v7(),
            page: "/a/harbor/clients/import".to_owned(),
            at: crate::clock::now(),
            form: Flash { values: sent.values, ..Flash::default() },
            complete: sent.complete,
            fields: sent.fields,
        };
        assert_eq!(held(sent(boxes(&[]))).whole(), Some(boxes(&[])));
        assert_eq!(held(sent(boxes(&[("api_token", "x")]))).whole(), None);
        assert_eq!(held(sent(boxes(&[("note", &"x".repeat(MOST_BYTES))]))).whole(), None, "more than a session holds");
        let single: Fields = vec![("email".to_owned(), "a@b.test".to_owned())];
        let alone = sent(single.clone());
        assert_eq!((alone.fields.is_none(), held(alone).whole()), (true, Some(single)));
    }

    #[test]
    fn a_form_that_a_program_of_before_held_is_read() {
        let former = r#"{"id":"01a21351-0cef-75f9-82b7-0609813837a9","page":"/me","at":"2026-01-31T08:00:00Z",
            "form":{"deed":"make_role","error":null,"notice":null,"values":{"name":"X"}},"complete":true}"#;
        let read: HeldForm = serde_json::from_str(former).unwrap();
        assert_eq!(read.whole().unwrap(), [("name".to_owned(), "X".to_owned())]);
    }
}
