//! How does a business keep the texts that its people put into their answers?

use domain::permission::Right;
use domain::{SnippetId, text};
use serde_json::{Value, json};
use store::audit::{self, Act};
use store::messaging::snippets;
use store::tenant::TenantTx;

use super::reply::typed;
use crate::{BusinessActor, Refusal};

/// The most characters of a name.
const LONGEST_NAME: usize = 80;

/// Name and text, cleaned.
fn checked(name: &str, body: &str) -> Result<(String, String), Refusal> {
    let name = text::line(name);
    if name.is_empty() {
        return Err(Refusal::field("name", &text::TextError::Empty.say("a name")));
    }
    if !text::fits(&name, LONGEST_NAME) {
        return Err(Refusal::field("name", &text::TextError::Long(LONGEST_NAME).say("a name")));
    }
    Ok((name, typed("text", body, "a text")?))
}

/// Adds a snippet.
///
/// # Errors
/// `Invalid` with the field that is wrong; `State` if the business has as many as it may.
pub async fn add_snippet(actor: &BusinessActor, name: &str, body: &str) -> Result<SnippetId, Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    let (name, body) = checked(name, body)?;
    let mut tx = allowed.begin().await?;
    let id = snippets::add(&mut tx, &name, &body).await.map_err(full)?;
    record(&mut tx, id, "snippet.added", json!({ "name": name })).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a snippet.
///
/// # Errors
/// `Invalid` with the field that is wrong; `NotFound` if there is no such snippet.
pub async fn change_snippet(actor: &BusinessActor, id: SnippetId, name: &str, body: &str) -> Result<(), Refusal> {
    let allowed = actor.require(Right::InboxReply)?;
    let (name, body) = checked(name, body)?;
    let mut tx = allowed.begin().await?;
    snippets::change(&mut tx, id, &name, &body).await?;
    record(&mut tx, id, "snippet.changed", json!({ "name": name })).await?;
    Ok(tx.commit().await?)
}

/// Removes a snippet. Answers that were made with it stay as they are.
///
/// # Errors
/// `NotFound` if there is no such snippet.
pub async fn remove_snippet(actor: &BusinessActor, id: SnippetId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let name = snippets::list(&mut tx).await?.into_iter().find(|snippet| snippet.id == id).map(|snippet| snippet.name);
    snippets::remove(&mut tx, id).await?;
    record(&mut tx, id, "snippet.removed", json!({ "name": name })).await?;
    Ok(tx.commit().await?)
}

/// A refusal because the business has as many snippets as a person looks through.
fn full(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == snippets::FULL => {
            Refusal::State("You've reached the limit of 200 snippets. Delete one, then try again.".to_owned())
        }
        other => other.into(),
    }
}

/// Writes the audit row, with the name of the snippet. What a snippet says stays out of the log.
async fn record(tx: &mut TenantTx, id: SnippetId, action: &'static str, payload: Value) -> Result<(), Refusal> {
    Ok(audit::record(tx, Act::new(action, "snippet").object(id).payload(payload)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_cleaned_and_what_is_missing_is_named() {
        assert_eq!(checked(" Hours ", " 9 to 5 ").unwrap(), ("Hours".to_owned(), "9 to 5".to_owned()));
        for (name, body, field) in [
            ("", "x", "name"),
            (" \n", "x", "name"),
            (&"x".repeat(LONGEST_NAME + 1), "x", "name"),
            ("Hours", " ", "text"),
        ] {
            let Err(Refusal::Invalid(errors)) = checked(name, body) else { panic!("{name} {body}") };
            assert_eq!(errors[0].pointer, field, "{name} {body}");
        }
    }
}
