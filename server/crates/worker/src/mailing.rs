//! Sends queued mails. The queue row names the mail; the server gives the worker a composer that writes texts and
//! secret links, and that settles a mail which is tried no more.

use std::time::Duration;

use domain::work::Mail;
use domain::{AgencyId, BusinessId};
use outbound::Boxed;
use store::queue::Claimed;

use crate::Worker;
use crate::failed::Failed;

/// Composes and sends mails. It is called again after an error, so a mail may in rare cases arrive twice, each
/// time with a working link.
pub trait Mailer: Send + Sync {
    /// Sends one mail.
    fn send(&self, agency: Option<AgencyId>, business: Option<BusinessId>, mail: Mail)
    -> Boxed<'_, Result<(), Unsent>>;

    /// Settles a mail that is tried no more.
    fn given_up(&self, _agency: Option<AgencyId>, _business: Option<BusinessId>, _mail: Mail) -> Boxed<'_, ()> {
        Box::pin(async {})
    }
}

/// Why a mail was not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// Sending failed; the cause in words, without secrets. It is retried.
    Failed(String),
    /// The daily limit of mails is reached. The mail is sent after this wait, and this does not count as an
    /// attempt.
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

/// Settles the mail of a work item that is given up.
pub async fn give_up(worker: &Worker, item: &Claimed) {
    if let Ok(mail) = serde_json::from_value(item.payload.clone()) {
        worker.mailer.given_up(item.agency, item.business, mail).await;
    }
}
