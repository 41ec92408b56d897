//! Operations on answer links, with which a business answers its job's question without an account.

use std::time::Duration;

use domain::JobId;
use domain::permission::Right;
use store::Db;
use store::invites::{self, LinkState};

use crate::secret::{Secret, hash};
use crate::{Actor, Refusal};

/// Lifetime of a link.
const VALID: Duration = Duration::from_secs(7 * 24 * 3600);

/// Creates a link for the job's present question and returns its secret. An older link of the job ends.
///
/// # Errors
/// `State` if the job asks for nothing that a client could give, or does not exist.
pub async fn create(actor: &Actor, job: JobId) -> Result<Secret, Refusal> {
    let mut tx = actor.require(Right::Provision)?.begin().await?;
    let secret = Secret::new();
    match store::answer_links::offer(&mut tx, secret.hash(), job, VALID).await {
        Err(store::Error::Stale) => {
            let text = "This job doesn't need anything from the client. Nothing was changed.";
            return Err(Refusal::State(text.to_owned()));
        }
        done => done?,
    }
    tx.commit().await?;
    Ok(secret)
}

/// Gives the job what was asked for, and the job resumes. Whoever has the link's secret may do it, once.
///
/// # Errors
/// `Invalid` with the values that cannot be used; `State` if the link asks nothing any more.
pub async fn answer(db: &Db, secret: &str, given: impl Fn(&str) -> Option<String>) -> Result<(), Refusal> {
    match store::answer_links::answer(db, hash(secret), given).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(errors)) => Err(Refusal::Invalid(errors)),
        Err(store::Error::NotFound | store::Error::Stale) => Err(ended(db, secret).await),
        Err(other) => Err(other.into()),
    }
}

/// Why a link asks nothing, for instance because it was used or a newer one replaced it.
pub async fn ended(db: &Db, secret: &str) -> Refusal {
    let text = match invites::link_state(db, hash(secret)).await {
        Ok(Some(LinkState::Used)) => {
            "The details were already sent with this link, so there's nothing left to do. If it wasn't you, tell the person who sent you the link."
        }
        Ok(Some(LinkState::Ended)) => {
            "This link no longer works: it was replaced or is older than seven days. If you don't have a newer one, ask the person who sent it."
        }
        Ok(Some(LinkState::Gone)) => "Your details are no longer needed, so there's nothing left to do here.",
        Ok(Some(LinkState::Paused)) => {
            "The agency that sent you this link is paused. The link works again once it resumes: try later, or ask them."
        }
        Ok(None) => "What this link asked for has been answered. There's nothing left for you to do here.",
        Err(error) => return error.into(),
    };
    Refusal::State(text.to_owned())
}
