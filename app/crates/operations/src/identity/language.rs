//! Chooses the language in which a person reads the business pages, their account and their mails.

use domain::language::Language;

use crate::{Myself, Refusal};

/// Keeps the language that the person chose. Pages follow it instead of their browser from now on.
///
/// # Errors
/// `Store` if the database fails.
pub async fn choose(myself: &Myself, language: Language) -> Result<(), Refusal> {
    let mut tx = myself.begin().await?;
    store::identity::set_language(&mut tx, myself.user(), language).await?;
    Ok(tx.commit().await?)
}
