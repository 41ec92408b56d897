//! Composes and sends queued mails for the worker. Each mail is looked at anew when it is sent: one that nobody needs
//! any more is not sent. A mail may be sent twice after a crash; the second one carries a new link and the older link
//! no longer works. Names typed by people are written so that mail programs do not turn them into links. A mail of an
//! agency carries its name, logo, colour and reply address.

mod access_request;
mod approval;
mod invitation;
mod notification;
mod owner;
mod password;
mod reauth;
mod summary;

use std::time::Duration;

use domain::brand::Brand;
use domain::identity::Membership;
use domain::language::Language;
use domain::work::Mail as Occasion;
use domain::{AgencyId, BusinessId, UserId};
use mail::{Body, Kind, Mail, Mailer, Sender, sanitize_name};
use store::Db;
use store::mail_limits::{self, Counted};
use store::tenant::{Scope, TenantTx};

use crate::actor::background;

/// Composes and sends queued mails.
pub struct Composer {
    db: Db,
    mailer: Mailer,
    origin: String,
}

/// Why a mail was not sent now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsent {
    /// It failed; the cause in words, without secrets. It is tried again.
    Failed(String),
    /// It is sent after this wait, for this reason.
    Later(&'static str, Duration),
}

impl From<store::Error> for Unsent {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Composer {
    /// Creates a composer whose links begin with this origin.
    #[must_use]
    pub const fn new(db: Db, mailer: Mailer, origin: String) -> Self {
        Self { db, mailer, origin }
    }

    /// Sends a queued mail, if somebody still needs it. Agency and business are those of the queue's row.
    ///
    /// # Errors
    /// Why it was not sent now.
    pub async fn send(
        &self,
        agency: Option<AgencyId>,
        business: Option<BusinessId>,
        mail: &Occasion,
    ) -> Result<(), Unsent> {
        match (mail, agency, business) {
            (Occasion::InviteOwner, Some(agency), Some(business)) => self.invite_owner(agency, business).await,
            (Occasion::NeedsReauth { integration, user }, Some(agency), _) => {
                self.needs_reauth(agency, *integration, *user).await
            }
            (Occasion::Invitation { invite, by_platform }, Some(agency), business) => {
                self.invitation(agency, business, *invite, *by_platform).await
            }
            (Occasion::AccessRequest { from, to, right, client }, Some(agency), _) => {
                self.access_request(agency, *from, *to, (*right, *client)).await
            }
            (Occasion::FirstPassword { link, user }, ..) => self.first_password(*link, *user).await,
            (Occasion::Reset { link, user, minutes }, ..) => self.reset(*link, *user, *minutes).await,
            (Occasion::Notification { notification }, Some(agency), _) => {
                self.notification(agency, *notification).await
            }
            (Occasion::Digest { user }, Some(agency), _) => self.digest(agency, *user).await,
            (Occasion::ApprovalWaits { user }, Some(agency), Some(business)) => {
                self.approval_waits(agency, business, *user).await
            }
            _ => Err(Unsent::Failed("a mail without its agency or business".to_owned())),
        }
    }

    /// Gives back what was counted for a mail that is tried no more. An invitation stays shown as not sent.
    pub async fn given_up(&self, agency: Option<AgencyId>, business: Option<BusinessId>, mail: &Occasion) {
        let given_back = match (mail, agency) {
            (Occasion::Invitation { invite, by_platform }, Some(agency)) => {
                self.invitation_given_up(agency, business, *invite, *by_platform).await
            }
            (Occasion::AccessRequest { to, .. }, Some(_)) => self.give_back_of(agency, *to).await,
            (Occasion::FirstPassword { user, .. }, _) => self.give_back_of(None, *user).await,
            (Occasion::Reset { user, .. }, _) => self.give_back_reset(*user).await,
            // An owner's invitation is counted when it is sent, and the others are not counted.
            _ => Ok(()),
        };
        if let Err(error) = given_back {
            still_counted(&error);
        }
    }

    /// Begins a transaction of a background job in an agency, or in one of its businesses.
    async fn begin(&self, agency: AgencyId, business: Option<BusinessId>) -> store::Result<TenantTx> {
        let scope = match (background(agency), business) {
            (Scope::Agency { user, agency, reach, listed }, Some(business)) => {
                Scope::AgencyBusiness { user, agency, business, reach, listed }
            }
            (agency, _) => agency,
        };
        TenantTx::begin(&self.db, scope).await
    }

    /// The language of somebody who chose none: that of the first business of which they are, or English for whoever is
    /// of an agency.
    async fn usual_language(&self, user: UserId) -> store::Result<Language> {
        let places =
            store::identity::caller(&self.db, user).await?.map(|person| person.memberships).unwrap_or_default();
        let mut business = None;
        for place in places {
            match place {
                Membership::Agency { .. } => return Ok(Language::English),
                Membership::Business { id, agency, .. } => business = business.or(Some((agency, id))),
            }
        }
        let Some((agency, business)) = business else { return Ok(Language::English) };
        let mut tx = self.begin(agency, Some(business)).await?;
        let language = store::businesses::language(&mut tx, business).await?;
        tx.commit().await?;
        Ok(language)
    }

    /// The language that a person chose, or else this one.
    async fn language_of(&self, user: UserId, usual: Language) -> store::Result<Language> {
        let person = store::identity::caller(&self.db, user).await?;
        Ok(person.and_then(|person| person.language).unwrap_or(usual))
    }

    /// The language that the person with this address chose, or else this one.
    async fn language_at(&self, email: &str, usual: Language) -> store::Result<Language> {
        match store::identity::auth_user(&self.db, email).await? {
            Some(account) => self.language_of(account.id, usual).await,
            None => Ok(usual),
        }
    }

    /// The agency as the sender of a mail in this language.
    fn sender(&self, brand: &Brand, language: Language) -> Sender {
        Sender {
            language,
            name: Some(sanitize_name(&brand.name)),
            logo: brand.logo_path().map(|path| format!("{}{path}", self.origin)),
            accent: brand.shades(),
            reply_to: brand.choice.reply_to.clone(),
        }
    }

    /// Hands a mail of this sender to the mail server.
    async fn deliver_from(
        &self,
        sender: Sender,
        kind: Kind,
        to: String,
        subject: String,
        body: Body,
    ) -> Result<(), Unsent> {
        let mail = Mail { kind, to: to.clone(), subject, body, sender };
        self.mailer.send(mail).await.map_err(|error| Unsent::Failed(without_address(&error, &to)))
    }

    /// Gives back a mail that was counted and is never sent.
    async fn give_back(&self, mail: Counted) {
        if let Err(error) = mail_limits::give_back(&self.db, mail).await {
            still_counted(&error);
        }
    }
}

/// The error with its causes. A mail server may repeat the address, which must not get into the queue's rows.
fn without_address(error: &mail::Error, to: &str) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.replace(to, "the address")
}

/// `None` if it does not exist any more.
fn existing<T>(found: store::Result<T>) -> store::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(store::Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn still_counted(error: &store::Error) {
    tracing::warn!(event = "mail.still_counted", %error, "a mail that did not leave stays counted for today");
}
