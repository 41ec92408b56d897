//! Composes the mails of background work: invitations of owners, and integrations that a person must reconnect. A
//! mail may be sent twice after a crash; the second one carries a new link and the older link no longer works. An
//! owner's invitation that cannot be sent is shown as not sent on the business's page, does not count as one of
//! the day's mails, and is sent later.

use std::time::Duration;

use domain::identity::{Reach, Role};
use domain::work::Mail as Occasion;
use domain::{AgencyId, BusinessId, IntegrationId, UserId};
use mail::{Kind, Mail, Mailer, sanitize_name};
use store::Db;
use store::invites::NewInvite;
use store::mail_limits::{self, LimitReached};
use store::tenant::{PlatformTx, Scope, TenantTx};
use web::token::Secret;
use worker::{Boxed, Unsent};

/// Lifetime of an owner's invitation.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Writes and sends the mails of background work.
pub struct MailComposer {
    db: Db,
    mailer: Mailer,
    origin: String,
}

impl MailComposer {
    /// Creates a composer whose links begin with this origin.
    #[must_use]
    pub const fn new(db: Db, mailer: Mailer, origin: String) -> Self {
        Self { db, mailer, origin }
    }

    async fn client(&self, agency: AgencyId, business: BusinessId) -> store::Result<TenantTx> {
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&self.db, scope).await
    }

    /// Invites the owner of a new business, unless it has an owner or an invitation that was sent.
    async fn invite_owner(&self, agency: AgencyId, business: BusinessId) -> anyhow::Result<MailOutcome> {
        let mut tx = self.client(agency, business).await?;
        let found = store::businesses::get(&mut tx, business).await?;
        let Some(email) = found.details.email.clone() else { return Ok(MailOutcome::Done) };
        // The business was deleted before the mail was sent: nobody is invited to a business in the trash.
        if found.deleted_at.is_some() || is_settled(&mut tx).await? {
            return Ok(MailOutcome::Done);
        }
        let counted = match mail_limits::take_in(&mut tx, &email).await? {
            Ok(counted) => counted,
            Err(reached) => {
                drop(tx);
                return self.put_off(agency, business, &email, reached).await;
            }
        };
        let secret = Secret::new();
        unsent(&mut tx, &email, &secret).await?;
        tx.commit().await?;
        let text = format!(
            "{name} is ready for you in Slipway. Accept the invitation, set a password and look around:\n\n{origin}/invite/{secret}\n\nThe link works once, for 72 hours, and ends when you are invited anew.",
            name = sanitize_name(&found.name),
            origin = self.origin,
            secret = secret.expose(),
        );
        let mail = Mail {
            kind: Kind::OwnerInvitation,
            to: email,
            subject: format!("Your invitation to {}", sanitize_name(&found.name)),
            text,
        };
        if let Err(error) = self.mailer.send(mail).await {
            if let Err(error) = mail_limits::give_back(&self.db, counted).await {
                tracing::warn!(event = "mail.still_counted", %agency, %error, "a mail that did not leave stays counted for today");
            }
            return Err(error.into());
        }
        if let Err(error) = self.mark_sent(&secret).await {
            tracing::warn!(event = "mail.sent_unnoted", %agency, %error, "a mail has left, but its invitation says that it has not");
        }
        Ok(MailOutcome::Done)
    }

    /// Records that the mail of an invitation was sent.
    async fn mark_sent(&self, secret: &Secret) -> store::Result<()> {
        let mut tx = TenantTx::begin(&self.db, Scope::Presented(secret.hash())).await?;
        store::invites::mark_unsent(&mut tx, secret.hash(), false).await?;
        tx.commit().await
    }

    /// Postpones an invitation because the day's mails are used up. Until it is sent, the business's page shows it
    /// as not sent.
    async fn put_off(
        &self,
        agency: AgencyId,
        business: BusinessId,
        email: &str,
        reached: LimitReached,
    ) -> anyhow::Result<MailOutcome> {
        let (why, wait) = match reached {
            LimitReached::Address(wait) => ("the owner's address got as many mails as it may today", wait),
            LimitReached::Agency(wait) => ("the agency's mails of this day are used up", wait),
        };
        tracing::warn!(event = "mail.limited", %agency, %business, why, "an owner's invitation is sent later");
        let mut tx = self.client(agency, business).await?;
        if store::invites::list(&mut tx).await?.is_empty() {
            unsent(&mut tx, email, &Secret::new()).await?;
            tx.commit().await?;
        }
        Ok(MailOutcome::Later(why, wait))
    }

    async fn needs_reauth(
        &self,
        agency: AgencyId,
        integration: IntegrationId,
        user: UserId,
    ) -> anyhow::Result<MailOutcome> {
        let mut tx = PlatformTx::begin(&self.db, None).await?;
        let person = store::identity::get(&mut tx, user).await?;
        tx.commit().await?;
        tracing::info!(%agency, %integration, "a connection needs a person; they get a mail");
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.db, scope).await?;
        let connection = store::integrations::get(&mut tx, integration).await?;
        tx.commit().await?;
        // The integration was repaired before the mail was sent, so there is nothing to do.
        if connection.needs_reauth_at.is_none() {
            return Ok(MailOutcome::Done);
        }
        let (kind, subject, text) = match &connection.parent_platform_id {
            None => (Kind::CompanyNeedsReauth, "Reconnect HighLevel", "HighLevel no longer accepts our connection to your agency. Running jobs wait, and new clients can't be provisioned until it is renewed. It takes a minute:".to_owned()),
            Some(_) => {
                let name = sanitize_name(connection.platform_name.as_deref().unwrap_or(&connection.platform_id));
                (Kind::LocationNeedsReauth, "Reconnect a client's location", format!("HighLevel no longer accepts our connection to the location of {name}. Nothing of ours reaches it until it is connected again:"))
            }
        };
        let text = format!("{text}\n\n{}/a/{agency}/connections", self.origin);
        self.mailer.send(Mail { kind, to: person.email, subject: subject.to_owned(), text }).await?;
        Ok(MailOutcome::Done)
    }
}

/// Outcome of sending a mail.
enum MailOutcome {
    /// It was sent, or is no longer needed.
    Done,
    /// It is sent after this wait, for this reason.
    Later(&'static str, Duration),
}

/// Creates an invitation and marks its mail as not sent.
async fn unsent(tx: &mut TenantTx, email: &str, secret: &Secret) -> store::Result<()> {
    let (role, reach) = (Role::BusinessOwner, Reach::Listed);
    let invite = NewInvite { hash: secret.hash(), email, role, reach, valid: INVITATION };
    store::invites::invite(tx, &invite).await?;
    store::invites::mark_unsent(tx, secret.hash(), true).await
}

/// True if the business has an owner, or an invitation that was sent. A new link would end that invitation.
async fn is_settled(tx: &mut TenantTx) -> store::Result<bool> {
    if store::invites::list(tx).await?.iter().any(|open| !open.unsent) {
        return Ok(true);
    }
    Ok(store::memberships::of_business(tx).await?.iter().any(|member| member.role.is(Role::BusinessOwner)))
}

impl worker::Mailer for MailComposer {
    fn send(
        &self,
        agency: Option<AgencyId>,
        business: Option<BusinessId>,
        mail: Occasion,
    ) -> Boxed<'_, Result<(), Unsent>> {
        Box::pin(async move {
            let sent = match (mail, agency, business) {
                (Occasion::InviteOwner, Some(agency), Some(business)) => self.invite_owner(agency, business).await,
                (Occasion::NeedsReauth { integration, user }, Some(agency), _) => {
                    self.needs_reauth(agency, integration, user).await
                }
                _ => Err(anyhow::anyhow!("a mail without its agency or business")),
            };
            match sent {
                Ok(MailOutcome::Done) => Ok(()),
                Ok(MailOutcome::Later(why, wait)) => Err(Unsent::Later(why.to_owned(), wait)),
                Err(error) => Err(Unsent::Failed(format!("{error:#}"))),
            }
        })
    }
}
