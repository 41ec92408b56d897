//! How does a mail leave? The queue row says which mail; whoever composes texts and secret links is given to the worker.

use domain::work::Mail;
use domain::{AgencyId, BusinessId};
use outbound::Boxed;
use store::queue::Claimed;

use crate::Worker;
use crate::chores::Failed;

/// Composes and sends mails. Called again after an error, so a mail may rarely arrive twice, each with a link that works.
pub trait Mailer: Send + Sync {
    /// Sends one.
    fn send(&self, agency: Option<AgencyId>, business: Option<BusinessId>, mail: Mail)
    -> Boxed<'_, Result<(), String>>;
}

/// Sends the mail of a work item.
pub async fn send(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let mail: Mail =
        serde_json::from_value(item.payload.clone()).map_err(|error| Failed::new(format!("unknown mail: {error}")))?;
    worker.mailer.send(item.agency, item.business, mail).await.map_err(Failed::new)
}
