//! Changes the name by which others know a person.

use crate::{Myself, Refusal};

/// The most characters of a name, as in an invitation.
const LONGEST: usize = 120;

/// Stores the name that the person typed.
///
/// # Errors
/// `Invalid` if it is empty or too long; `Store` if the database fails.
pub async fn change(myself: &Myself, typed: &str) -> Result<(), Refusal> {
    let name = domain::text::name(typed, LONGEST).map_err(|wrong| Refusal::field("name", &wrong.say("your name")))?;
    let mut tx = myself.begin().await?;
    store::identity::set_name(&mut tx, myself.user(), &name).await?;
    Ok(tx.commit().await?)
}
