//! Sends queued mails. The queue row names the mail; the server gives the worker a composer that writes texts and
//! secret links.

use std::time::Duration;

use domain::work::Mail;
use domain::{AgencyId, BusinessId};
use outbound::Boxed;
use store::queue::Claimed;

use crate::Worker;
use crate::background_jobs::Failed;

/// Composes and sends mails. Called again after an error, so a mail may rarely arrive twice, each with a link that works.
pub trait Mailer: Send + Sync {
    /// Sends one.
    fn send(&self, agency: Option<AgencyId>, business: Option<BusinessId>, mail: Mail)
    -> Boxed<'_, Result<(), Unsent>>;
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It failed; in words, without secrets. It is tried again.
    Failed(String),
    /// There are no more mails for today. It is sent after this wait, which counts as no try.
    Later(String, Duration),
}

impl From<Unsent> for Failed {
    fn from(why: Unsent) -> Self {
        match why {
            Unsent::Failed(cause) => Self::new(cause),
            Unsent::Later(cause, wait) => Self::held(cause, wait),
        }
    }
}

/// Sends the mail of a work item.
pub async fn send(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let mail: Mail =
        serde_json::from_value(item.payload.clone()).map_err(|error| Failed::new(format!("unknown mail: {error}")))?;
    worker.mailer.send(item.agency, item.business, mail).await.map_err(Failed::from)
}
