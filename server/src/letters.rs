//! Which mails does background work send, and what do they say: invitations of owners, connections that need a person.
//! A mail may be sent twice after a crash; its link is then a new one, and the older one has ended.

use app::identity::token::Secret;
use domain::identity::{Reach, Role};
use domain::work::Mail as Occasion;
use domain::{AgencyId, BusinessId, IntegrationId, UserId};
use mail::{Kind, Mail, Mailer, inert};
use store::Db;
use store::invites::NewInvite;
use store::mail_limits::{self, Full};
use store::tenant::{PlatformTx, Scope, TenantTx};
use worker::Boxed;

/// How long an owner's invitation works.
const INVITATION: std::time::Duration = std::time::Duration::from_secs(72 * 3600);

/// Writes and sends the mails of background work.
pub struct Letters {
    db: Db,
    mailer: Mailer,
    origin: String,
}

impl Letters {
    /// Letters whose links begin with this origin.
    #[must_use]
    pub const fn new(db: Db, mailer: Mailer, origin: String) -> Self {
        Self { db, mailer, origin }
    }

    async fn invite_owner(&self, agency: AgencyId, business: BusinessId) -> anyhow::Result<()> {
        let scope = Scope::Client { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.db, scope).await?;
        let found = store::businesses::get(&mut tx, business).await?;
        // Deleted before the mail left: nobody is invited into the trash.
        if found.deleted_at.is_some() {
            return Ok(());
        }
        let Some(email) = found.details.email.clone() else { return Ok(()) };
        match mail_limits::take(&self.db, Some(agency), &email).await? {
            Ok(()) => {}
            Err(Full::Address) => {
                // A newer link would end the one they have; whoever runs the client can send it again tomorrow.
                tracing::warn!(event = "mail.limited", %agency, %business, "an owner's address got as many mails as it may today");
                return Ok(());
            }
            Err(Full::Agency) => anyhow::bail!("the agency's mails of this day are used up"),
        }
        let secret = Secret::new();
        let invite = NewInvite {
            hash: secret.hash(),
            email: &email,
            role: Role::BusinessOwner,
            reach: Reach::Listed,
            valid: INVITATION,
        };
        store::invites::invite(&mut tx, &invite).await?;
        tx.commit().await?;
        let text = format!(
            "{name} is ready for you in Slipway. Accept the invitation, set a password and look around:\n\n{origin}/invite/{secret}\n\nThe link works once, for 72 hours, and ends when you are invited anew.",
            name = inert(&found.name),
            origin = self.origin,
            secret = secret.expose(),
        );
        self.mailer
            .send(Mail {
                kind: Kind::Ready,
                to: email,
                subject: format!("Your invitation to {}", inert(&found.name)),
                text,
            })
            .await?;
        Ok(())
    }

    async fn needs_reauth(&self, agency: AgencyId, integration: IntegrationId, user: UserId) -> anyhow::Result<()> {
        let mut tx = PlatformTx::begin(&self.db, None).await?;
        let person = store::identity::get(&mut tx, user).await?;
        tx.commit().await?;
        tracing::info!(%agency, %integration, "a connection needs a person; they get a mail");
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.db, scope).await?;
        let connection = store::integrations::get(&mut tx, integration).await?;
        tx.commit().await?;
        // Repaired before the mail left: there is nothing left to do.
        if connection.needs_reauth_at.is_none() {
            return Ok(());
        }
        let (kind, subject, text) = match &connection.parent_platform_id {
            None => (Kind::Company, "Reconnect HighLevel", "HighLevel no longer accepts our connection to your agency. Running jobs wait, and new clients can't be provisioned until it is renewed. It takes a minute:".to_owned()),
            Some(_) => {
                let name = inert(connection.platform_name.as_deref().unwrap_or(&connection.platform_id));
                (Kind::Location, "Reconnect a client's location", format!("HighLevel no longer accepts our connection to the location of {name}. Nothing of ours reaches it until it is connected again:"))
            }
        };
        let text = format!("{text}\n\n{}/a/{agency}/connections", self.origin);
        self.mailer.send(Mail { kind, to: person.email, subject: subject.to_owned(), text }).await?;
        Ok(())
    }
}

impl worker::Mailer for Letters {
    fn send(
        &self,
        agency: Option<AgencyId>,
        business: Option<BusinessId>,
        mail: Occasion,
    ) -> Boxed<'_, Result<(), String>> {
        Box::pin(async move {
            let sent = match (mail, agency, business) {
                (Occasion::InviteOwner, Some(agency), Some(business)) => self.invite_owner(agency, business).await,
                (Occasion::NeedsReauth { integration, user }, Some(agency), _) => {
                    self.needs_reauth(agency, integration, user).await
                }
                _ => Err(anyhow::anyhow!("a mail without its agency or business")),
            };
            sent.map_err(|error| format!("{error:#}"))
        })
    }
}
