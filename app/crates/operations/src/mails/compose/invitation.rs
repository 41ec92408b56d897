//! The mail that invites a person to an agency or business. It is not sent if the invitation ended, its place is in the
//! trash, or the inviter may no longer give the role.

use domain::access::may_invite;
use domain::identity::Role;
use domain::{AgencyId, BusinessId};
use mail::{Kind, sanitize_name};
use store::invites::{self, InviteMail, MailState};
use store::mail_limits::{self, Counted};
use uuid::Uuid;

use super::{Composer, Unsent, existing};
use crate::mails::INVITATION;
use crate::secret::Secret;

impl Composer {
    /// Sends an invitation that waits.
    pub(super) async fn invitation(
        &self,
        agency: AgencyId,
        business: Option<BusinessId>,
        id: Uuid,
        by_platform: bool,
    ) -> Result<(), Unsent> {
        let Some((invite, place)) = self.read_invitation(agency, business, id).await? else { return Ok(()) };
        let counted = counted(agency, &invite, by_platform);
        let (role, place) = match (invite.state, invite.role, place) {
            (MailState::Sent, ..) => return Ok(()),
            (MailState::Waits, Some(role), Some(place)) => (role, place),
            // Its place is in the trash. If it is restored, the invitation is still shown as not sent.
            (MailState::Waits, Some(_), None) => {
                self.give_back(counted).await;
                return Ok(());
            }
            _ => return self.not_needed(agency, &invite, id, &counted).await,
        };
        if !self.may_still_invite(agency, &invite, role).await? {
            return self.not_needed(agency, &invite, id, &counted).await;
        }
        let secret = Secret::new();
        let mut tx = self.begin(agency, invite.business).await?;
        if existing(invites::renew(&mut tx, id, secret.hash(), INVITATION).await)?.is_none() {
            // It ended a moment ago; the next attempt finds it so.
            return Err(Unsent::Failed("the invitation ended meanwhile".to_owned()));
        }
        tx.commit().await?;
        let (place, role) = (sanitize_name(&place), sanitize_name(role.label()));
        let text = format!(
            "You are invited to {place} as {role}.\n\n{origin}/invite/{secret}\n\nThe link works once, for 72 hours, and ends when you are invited anew.",
            origin = self.origin,
            secret = secret.expose(),
        );
        self.deliver(Kind::Invitation, invite.email, format!("You are invited to {place}"), text).await?;
        self.mark_sent(agency, invite.business, id).await;
        Ok(())
    }

    /// The invitation, and the name of its place; no name if the place is in the trash. `None` if it does not exist.
    async fn read_invitation(
        &self,
        agency: AgencyId,
        business: Option<BusinessId>,
        id: Uuid,
    ) -> store::Result<Option<(InviteMail, Option<String>)>> {
        let mut tx = self.begin(agency, business).await?;
        let Some(invite) = existing(invites::mail_of(&mut tx, id).await)? else { return Ok(None) };
        let home = store::agencies::get(&mut tx).await?;
        let mut place = home.deleted_at.is_none().then_some(home.name);
        if let Some(business) = invite.business {
            let found = store::businesses::get(&mut tx, business).await?;
            place = place.and(found.deleted_at.is_none().then_some(found.name));
        }
        tx.commit().await?;
        Ok(Some((invite, place)))
    }

    /// Whether acceptance would still find that the inviter may give this role.
    async fn may_still_invite(&self, agency: AgencyId, invite: &InviteMail, role: Role) -> store::Result<bool> {
        let Some(inviter) = invite.invited_by else { return Ok(true) };
        let inviter = store::identity::caller(&self.db, inviter).await?;
        Ok(inviter.is_some_and(|inviter| may_invite(&inviter, agency, invite.business, role, invite.reach)))
    }

    /// Withdraws an invitation that nobody could accept, if it is still open, and gives its mail back.
    async fn not_needed(
        &self,
        agency: AgencyId,
        invite: &InviteMail,
        id: Uuid,
        counted: &Counted,
    ) -> Result<(), Unsent> {
        let mut tx = self.begin(agency, invite.business).await?;
        existing(invites::withdraw(&mut tx, id).await)?;
        invites::mail_settled(&mut tx, id).await?;
        mail_limits::give_back_in(&mut tx, counted).await?;
        tx.commit().await?;
        tracing::info!(event = "mail.not_needed", %agency, invite = %id, "an invitation ended before its mail was sent");
        Ok(())
    }

    /// Records that the mail of an invitation was sent. If this fails, the pages say that it was not.
    pub(super) async fn mark_sent(&self, agency: AgencyId, business: Option<BusinessId>, id: Uuid) {
        let marked = async {
            let mut tx = self.begin(agency, business).await?;
            invites::mail_settled(&mut tx, id).await?;
            tx.commit().await
        };
        if let Err(error) = marked.await {
            tracing::warn!(event = "mail.sent_unnoted", %agency, %error, "a mail has left, but its invitation says that it has not");
        }
    }

    /// Gives an invitation's mail back that is tried no more, unless it was sent.
    pub(super) async fn invitation_given_up(
        &self,
        agency: AgencyId,
        business: Option<BusinessId>,
        id: Uuid,
        by_platform: bool,
    ) -> store::Result<()> {
        let Some((invite, _)) = self.read_invitation(agency, business, id).await? else { return Ok(()) };
        if invite.state == MailState::Sent {
            return Ok(());
        }
        mail_limits::give_back(&self.db, counted(agency, &invite, by_platform)).await
    }
}

/// What was counted when the invitation's mail was queued.
fn counted(agency: AgencyId, invite: &InviteMail, by_platform: bool) -> Counted {
    Counted::earlier((!by_platform).then_some(agency), &invite.email)
}
