//! What if a customer agrees to automatic messages again, and told somebody of the business so? It is noted how, and by whom.

use domain::ContactId;
use domain::permission::Right;
use domain::text;
use store::audit::{self, Act};
use store::messaging::{consent, contacts, outgoing};

use crate::{BusinessActor, Refusal};

/// The most characters of how a customer agreed.
const LONGEST: usize = 500;

/// Lets a contact get automatic messages again. How the customer agreed stands as a note in the contact's conversations.
///
/// # Errors
/// `Invalid` if it is not said how the customer agreed; `NotFound` if there is no such contact; `State` if the contact gets
/// automatic messages already.
pub async fn allow_automatic(actor: &BusinessActor, contact: ContactId, agreed: &str) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let agreed =
        text::name(agreed, LONGEST).map_err(|error| Refusal::field("consent", &error.say("how they opted in")))?;
    contacts::get(&mut tx, contact).await?;
    if !consent::opt_in(&mut tx, contact).await? {
        return Err(Refusal::State("This customer already gets automatic messages.".to_owned()));
    }
    let note = format!("The customer agreed to automatic messages again: {agreed}");
    for conversation in consent::conversations(&mut tx, contact).await? {
        outgoing::note(&mut tx, conversation, Some(actor.user()), &note).await?;
    }
    audit::record(&mut tx, Act::new("contact.opted_in", "contact").object(contact)).await?;
    Ok(tx.commit().await?)
}
