//! Connects the worker's queue of mails with the operations that compose and send them.

use domain::work::Mail;
use domain::{AgencyId, BusinessId};
use mail::Mailer;
use operations::mails::{Composer, Unsent};
use store::Db;
use worker::Boxed;

/// Sends the worker's mails.
pub struct MailComposer(Composer);

impl MailComposer {
    /// Creates a composer whose links begin with this origin.
    #[must_use]
    pub const fn new(db: Db, mailer: Mailer, origin: String) -> Self {
        Self(Composer::new(db, mailer, origin))
    }
}

impl worker::Mailer for MailComposer {
    fn send(
        &self,
        agency: Option<AgencyId>,
        business: Option<BusinessId>,
        mail: Mail,
    ) -> Boxed<'_, Result<(), worker::Unsent>> {
        Box::pin(async move {
            self.0.send(agency, business, &mail).await.map_err(|unsent| match unsent {
                Unsent::Failed(cause) => worker::Unsent::Failed(cause),
                Unsent::Later(why, wait) => worker::Unsent::Later(why.to_owned(), wait),
            })
        })
    }

    fn given_up(&self, agency: Option<AgencyId>, business: Option<BusinessId>, mail: Mail) -> Boxed<'_, ()> {
        Box::pin(async move { self.0.given_up(agency, business, &mail).await })
    }
}
