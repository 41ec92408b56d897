//! The mail that invites a person to an agency or business. It is not sent if the invitation ended, its place is in the
//! trash, or the inviter may no longer give the role.

use domain::access::may_invite;
use domain::brand::Brand;
use domain::identity::Role;
use domain::language::Language;
use domain::{AgencyId, BusinessId};
use mail::{Body, Kind, sanitize_name};
use store::invites::{self, InviteMail, MailState};
use store::mail_limits::{self, Counted};
use uuid::Uuid;

use super::{Composer, Unsent, existing};
use crate::mails::INVITATION;
use crate::mails::messages::messages;
use crate::secret::Secret;

/// What somebody is invited to.
struct InvitedTo {
    /// The agency.
    brand: Brand,
    /// Name of its business; `None` for the agency itself.
    business: Option<String>,
    /// The language of somebody there who chose none.
    language: Language,
}

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
        let Some(inviter) = self.may_still_invite(agency, &invite, role).await? else {
            return self.not_needed(agency, &invite, id, &counted).await;
        };
        let secret = Secret::new();
        let mut tx = self.begin(agency, invite.business).await?;
        if existing(invites::renew(&mut tx, id, secret.hash(), INVITATION).await)?.is_none() {
            // It ended a moment ago; the next attempt finds it so.
            return Err(Unsent::Failed("the invitation ended meanwhile".to_owned()));
        }
        tx.commit().await?;
        let language = self.language_at(&invite.email, place.language).await?;
        let (link, texts) = (format!("{}/invite/{}", self.origin, secret.expose()), messages(language));
        let (subject, words) = words(language, &place, &inviter, role);
        let body = Body::saying(words).with_button(texts.accept, link).and(texts.link_ends);
        let sender = self.sender(&place.brand, language);
        self.deliver_from(sender, Kind::Invitation, invite.email, subject, body).await?;
        self.mark_sent(agency, invite.business, id).await;
        Ok(())
    }

    /// The invitation, and its place; no place if that is in the trash. `None` if it does not exist.
    async fn read_invitation(
        &self,
        agency: AgencyId,
        business: Option<BusinessId>,
        id: Uuid,
    ) -> store::Result<Option<(InviteMail, Option<InvitedTo>)>> {
        let mut tx = self.begin(agency, business).await?;
        let Some(invite) = existing(invites::mail_of(&mut tx, id).await)? else { return Ok(None) };
        let home = store::agencies::get(&mut tx).await?;
        let brand = store::agencies::brand(&mut tx).await?;
        let to = InvitedTo { brand, business: None, language: Language::English };
        let mut place = home.deleted_at.is_none().then_some(to);
        if let Some(business) = invite.business {
            let found = store::businesses::get(&mut tx, business).await?;
            let there = place.filter(|_| found.deleted_at.is_none());
            let language = store::businesses::language(&mut tx, business).await?;
            place = there.map(|to| InvitedTo { business: Some(found.name), language, ..to });
        }
        tx.commit().await?;
        Ok(Some((invite, place)))
    }

    /// The name of whoever invites, empty if none is known. `None` if acceptance would find that they may no longer
    /// give this role.
    async fn may_still_invite(
        &self,
        agency: AgencyId,
        invite: &InviteMail,
        role: Role,
    ) -> store::Result<Option<String>> {
        let Some(inviter) = invite.invited_by else { return Ok(Some(String::new())) };
        let inviter = store::identity::caller(&self.db, inviter).await?;
        let may = inviter.filter(|inviter| may_invite(inviter, agency, invite.business, role, invite.reach));
        Ok(may.map(|inviter| inviter.name))
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

/// Subject and first sentence of an invitation.
fn words(language: Language, to: &InvitedTo, inviter: &str, role: Role) -> (String, String) {
    let texts = messages(language);
    let (agency, role, inviter) = (sanitize_name(&to.brand.name), language.role(role), sanitize_name(inviter));
    let inviter = Some(inviter.as_str()).filter(|inviter| !inviter.is_empty());
    match &to.business {
        None => ((texts.invited_subject)(&agency), (texts.invited_to)(inviter, &agency, role)),
        Some(business) => {
            let subject = (texts.account_set_up)(&agency, &sanitize_name(business));
            let by = inviter.map(|inviter| format!(" {}", (texts.invites_you_as)(inviter, role))).unwrap_or_default();
            (subject.clone(), format!("{subject}.{by} {}", texts.set_password_to_sign_in))
        }
    }
}

/// What was counted when the invitation's mail was queued.
fn counted(agency: AgencyId, invite: &InviteMail, by_platform: bool) -> Counted {
    Counted::earlier((!by_platform).then_some(agency), &invite.email)
}
