//! The mail that invites the owner of a new business. If it cannot be sent, the business's page says so; it is counted
//! when it is sent, and one that has to wait for the limit of the day is sent later.

use domain::identity::{Reach, Role};
use domain::person::Invite;
use domain::{AgencyId, BusinessId};
use mail::{Body, Kind, sanitize_name};
use store::invites::{self, NewInvite};
use store::mail_limits::{self, LimitReached};
use store::tenant::TenantTx;
use uuid::Uuid;

use super::{Composer, Unsent, existing};
use crate::mails::INVITATION;
use crate::mails::messages::messages;
use crate::secret::Secret;

impl Composer {
    /// Invites the owner of a new business, unless it has an owner or an invitation that was sent.
    pub(super) async fn invite_owner(&self, agency: AgencyId, business: BusinessId) -> Result<(), Unsent> {
        let mut tx = self.begin(agency, Some(business)).await?;
        let Some(found) = existing(store::businesses::get(&mut tx, business).await)? else { return Ok(()) };
        let Some(email) = found.details.email.clone() else { return Ok(()) };
        // Nobody is invited to what is in the trash.
        if found.deleted_at.is_some() || store::agencies::get(&mut tx).await?.deleted_at.is_some() {
            return Ok(());
        }
        let brand = store::agencies::brand(&mut tx).await?;
        let usual = store::businesses::language(&mut tx, business).await?;
        let open = invites::list(&mut tx).await?;
        if is_settled(&mut tx, &open).await? {
            return Ok(());
        }
        let id = own_invitation(&mut tx, &open, &email).await?;
        let counted = mail_limits::take_in(&mut tx, &email).await?;
        let secret = Secret::new();
        if counted.is_ok() {
            invites::renew(&mut tx, id, secret.hash(), INVITATION).await?;
        }
        tx.commit().await?;
        let counted = counted.map_err(|reached| put_off(agency, business, reached))?;
        // The mail is counted already, so it is sent in any language rather than not at all.
        let language = self.language_at(&email, usual).await.unwrap_or(usual);
        let (name, sender) = (sanitize_name(&found.name), self.sender(&brand, language));
        let (agency_name, texts) = (sanitize_name(&brand.name), messages(language));
        let subject = (texts.account_set_up)(&agency_name, &name);
        let body = Body::saying(format!("{subject}. {}", texts.set_password_to_sign_in))
            .with_button(texts.accept, format!("{}/invite/{}", self.origin, secret.expose()))
            .and(texts.link_ends);
        let sent = self.deliver_from(sender, Kind::OwnerInvitation, email, subject, body).await;
        if sent.is_err() {
            self.give_back(counted).await;
            return sent;
        }
        self.mark_sent(agency, Some(business), id).await;
        Ok(())
    }
}

/// True if the business has an owner, or an invitation that was sent or that a person made. A new link would end that
/// invitation.
async fn is_settled(tx: &mut TenantTx, open: &[Invite]) -> store::Result<bool> {
    if open.iter().any(|open| !open.unsent || open.invited_by.is_some()) {
        return Ok(true);
    }
    Ok(store::memberships::of_business(tx).await?.iter().any(|member| member.role.is(Role::BusinessOwner)))
}

/// The invitation whose mail could not be sent before, or a new one.
async fn own_invitation(tx: &mut TenantTx, open: &[Invite], email: &str) -> store::Result<Uuid> {
    if let Some(own) = open.iter().find(|open| open.email.eq_ignore_ascii_case(email.trim())) {
        return Ok(own.id);
    }
    let (role, reach) = (Role::BusinessOwner, Reach::Listed);
    let invite = NewInvite { hash: Secret::new().hash(), email, role, reach, valid: INVITATION };
    invites::invite(tx, &invite).await
}

/// Postpones an invitation because the day's mails are used up.
fn put_off(agency: AgencyId, business: BusinessId, reached: LimitReached) -> Unsent {
    let (why, wait) = match reached {
        LimitReached::Address(wait) => ("the owner's address got as many mails as it may today", wait),
        LimitReached::Agency(wait) => ("the agency's mails of this day are used up", wait),
    };
    tracing::warn!(event = "mail.limited", %agency, %business, why, "an owner's invitation is sent later");
    Unsent::Later(why, wait)
}
