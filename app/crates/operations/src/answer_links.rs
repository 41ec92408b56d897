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
            let text = "This job asks for nothing a client could give. Nothing was changed.";
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
            "The details were sent by this link already, so there is nothing left for you to do here. If it was not you, tell whoever sent you the link."
        }
        Ok(Some(LinkState::Ended)) => {
            "This link has ended: a newer one took its place, or it is older than seven days. If you have no newer one, ask whoever sent it."
        }
        Ok(Some(LinkState::Gone)) => {
            "Whoever sent you this link does not need your details any more, so there is nothing left for you to do here."
        }
        Ok(Some(LinkState::Paused)) => {
            "Whoever sent you this link has paused their work here. The link works again once they resume: try later, or ask them."
        }
        Ok(None) => "What this link asked for has been answered. There's nothing left for you to do here.",
        Err(error) => return error.into(),
    };
    Refusal::State(text.to_owned())
}
