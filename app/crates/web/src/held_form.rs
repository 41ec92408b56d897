//! Holds a form that needs a fresh proof of identity until the person has given it, so that it can be sent then.

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
}

impl HeldForm {
    /// Holds a form. An earlier one is forgotten.
    ///
    /// # Errors
    /// When the session cannot be written.
    pub async fn keep(session: &Session, page: &str, form: Flash, complete: bool) -> Result<(), Error> {
        let held = Self { id: Uuid::now_v7(), page: page.to_owned(), at: crate::clock::now(), form, complete };
        session.insert(KEY, held).await
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
        let held = HeldForm { id: Uuid::now_v7(), page: "/a/harbor/team".to_owned(), at, form, complete: true };
        assert_eq!(held.words().as_deref(), Some("invite lena@harbor.test"));
        assert!(held.is_fresh(at) && held.is_fresh(at + TimeDelta::minutes(15)));
        assert!(!held.is_fresh(at + TimeDelta::minutes(16)) && !held.is_fresh(at - TimeDelta::minutes(1)));
        let other = HeldForm { form: Flash { operation: "sign_out".to_owned(), ..Flash::default() }, ..held };
        assert_eq!(other.words(), None);
    }
}
