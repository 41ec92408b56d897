//! Operations on invitations: invite a colleague to the agency or the owner of a business, send an invitation again or
//! hand its link over, and withdraw an invitation.

use domain::BusinessId;
use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::Right;
use store::invites::InviteMail;
use store::tenant::TenantTx;
use store::{businesses, identity, invites, memberships};
use uuid::Uuid;

use crate::mails::{self, INVITATION, Invitation};
use crate::people::{continue_in, of_agency};
use crate::secret::Secret;
use crate::{Actor, Refusal};

/// Invites a colleague to the agency, with a built-in role and the smallest reach of that role.
///
/// # Errors
/// `Invalid` if the actor may not give the role or the address belongs to the team; `DailyLimit` if no more mail may be
/// sent today.
pub async fn invite_colleague(actor: &Actor, email: &str, role: Role) -> Result<(), Refusal> {
    let (allowed, access) = (actor.require(Right::TeamManage)?, actor.access(Right::TeamManage)?);
    let given = of_agency(role)?;
    let reach = given.least_reach();
    if !access.may_grant_with_reach(&given, reach) {
        let text =
            "You can only assign roles with permissions and clients you have yourself. Only owners can add owners.";
        return Err(Refusal::field("role", text));
    }
    let mut tx = allowed.begin().await?;
    let members = memberships::of_agency(&mut tx).await?;
    if members.iter().any(|member| member.email.eq_ignore_ascii_case(email)) {
        return Err(Refusal::field("email", "They're already on the team. Change their role in the list."));
    }
    mails::invite(&mut tx, &Invitation { email, role, reach }).await?;
    Ok(tx.commit().await?)
}

/// Withdraws an invitation to the agency.
///
/// # Errors
/// `NotFound` if there is no such open invitation.
pub async fn withdraw(actor: &Actor, invite: Uuid) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::TeamManage)?.begin().await?;
    invites::withdraw(&mut tx, invite).await?;
    Ok(tx.commit().await?)
}

/// Invites the owner of a business and returns the name of the business. An open invitation of another address to the
/// business ends, because it may have been mistyped.
///
/// # Errors
/// `NotFound` if the actor does not reach the business; `Invalid` if the address belongs to the agency's team; `State`
/// if the actor may not make somebody an owner, or the business has one; `DailyLimit` if no more mail may be sent
/// today.
pub async fn invite_owner(actor: &Actor, business: BusinessId, email: &str) -> Result<String, Refusal> {
    let role = Role::BusinessOwner;
    let (allowed, access) = (actor.require(Right::Provision)?, actor.access(Right::Provision)?);
    let mut tx = allowed.begin().await?;
    let members = memberships::of_agency(&mut tx).await?;
    if members.iter().any(|member| member.email.eq_ignore_ascii_case(email)) {
        return Err(Refusal::field("email", "This is someone on your own team. Enter the client's email."));
    }
    if !access.may_give(&AgencyRole::BuiltIn(role)) {
        let text = "Your role can't make someone an owner. Ask an admin of your agency.";
        return Err(Refusal::State(text.to_owned()));
    }
    let mut tx = continue_in(actor, Right::Provision, tx, business).await?;
    let name = businesses::get(&mut tx, business).await?.name;
    if memberships::of_business(&mut tx).await?.iter().any(|member| member.role.is(role)) {
        return Err(Refusal::State(format!("{name} already has an owner. Nothing was sent.")));
    }
    for open in invites::list(&mut tx).await?.into_iter().filter(|open| !open.email.eq_ignore_ascii_case(email)) {
        invites::withdraw(&mut tx, open.id).await?;
    }
    mails::invite(&mut tx, &Invitation { email, role, reach: Reach::Listed }).await?;
    tx.commit().await?;
    Ok(name)
}

/// Withdraws an invitation to a business.
///
/// # Errors
/// `NotFound` if the actor does not reach the business, or there is no such open invitation to it.
pub async fn withdraw_from_business(actor: &Actor, business: BusinessId, invite: Uuid) -> Result<(), Refusal> {
    let tx = actor.require(Right::Provision)?.begin().await?;
    let mut tx = continue_in(actor, Right::Provision, tx, business).await?;
    invites::withdraw(&mut tx, invite).await?;
    Ok(tx.commit().await?)
}

/// Sends an invitation to the agency again, with a new link. Links sent before no longer work. Returns its address.
///
/// # Errors
/// `NotFound` if there is no such open invitation; `State` if the actor may not give its role; `DailyLimit` if no more
/// mail may be sent today.
pub async fn resend(actor: &Actor, invite: Uuid) -> Result<String, Refusal> {
    let mut tx = actor.require(Right::TeamManage)?.begin().await?;
    let open = open(&mut tx, invite).await?;
    again(actor, Right::TeamManage, tx, open).await
}

/// The same for an invitation to a business.
///
/// # Errors
/// Like `resend`, and `NotFound` if the actor does not reach the business.
pub async fn resend_to_business(actor: &Actor, business: BusinessId, invite: Uuid) -> Result<String, Refusal> {
    let tx = actor.require(Right::Provision)?.begin().await?;
    let mut tx = continue_in(actor, Right::Provision, tx, business).await?;
    let open = open(&mut tx, invite).await?;
    again(actor, Right::Provision, tx, open).await
}

/// Makes a new link for an invitation to the agency, which the actor hands on. Links made before no longer work. Returns
/// the secret of the link.
///
/// # Errors
/// `NotFound` if there is no such open invitation; `State` if the actor may not give its role, or the person's account
/// has no password yet.
pub async fn new_link(actor: &Actor, invite: Uuid) -> Result<Secret, Refusal> {
    let mut tx = actor.require(Right::TeamManage)?.begin().await?;
    let open = open(&mut tx, invite).await?;
    // Accounts are read without a tenant, and a request holds one connection at a time.
    tx.commit().await?;
    may_hand_over(actor, Right::TeamManage, &open).await?;
    hand_over(actor.require(Right::TeamManage)?.begin().await?, invite).await
}

/// The same for an invitation to a business.
///
/// # Errors
/// Like `new_link`, and `NotFound` if the actor does not reach the business.
pub async fn new_link_to_business(actor: &Actor, business: BusinessId, invite: Uuid) -> Result<Secret, Refusal> {
    let tx = actor.require(Right::Provision)?.begin().await?;
    let mut tx = continue_in(actor, Right::Provision, tx, business).await?;
    let open = open(&mut tx, invite).await?;
    tx.commit().await?;
    may_hand_over(actor, Right::Provision, &open).await?;
    let tx = actor.require(Right::Provision)?.begin().await?;
    hand_over(continue_in(actor, Right::Provision, tx, business).await?, invite).await
}

/// The invitation of this transaction's place, if it is open.
async fn open(tx: &mut TenantTx, invite: Uuid) -> Result<InviteMail, Refusal> {
    let is_open = invites::list(tx).await?.iter().any(|open| open.id == invite);
    if is_open { Ok(invites::mail_of(tx, invite).await?) } else { Err(Refusal::NotFound) }
}

/// The role that an invitation offers, if the actor may give it.
fn given(actor: &Actor, right: Right, open: &InviteMail) -> Result<Role, Refusal> {
    let role = open.role.ok_or(Refusal::NotFound)?;
    if actor.access(right)?.may_grant_with_reach(&AgencyRole::BuiltIn(role), open.reach) {
        return Ok(role);
    }
    let text = "Only someone who can assign this role can resend its invitation. Ask an agency admin.";
    Err(Refusal::State(text.to_owned()))
}

async fn again(actor: &Actor, right: Right, mut tx: TenantTx, open: InviteMail) -> Result<String, Refusal> {
    let role = given(actor, right, &open)?;
    mails::invite(&mut tx, &Invitation { email: &open.email, role, reach: open.reach }).await?;
    tx.commit().await?;
    Ok(open.email)
}

/// Refuses if the actor may not give the role, or if the person has an account without a password: its first one is set
/// with a link that only their mailbox had.
async fn may_hand_over(actor: &Actor, right: Right, open: &InviteMail) -> Result<(), Refusal> {
    given(actor, right, open)?;
    let known = identity::auth_user(actor.require(right)?.db(), &open.email).await?;
    if known.is_some_and(|known| known.password_hash.is_none()) {
        return Err(Refusal::State("This person needs to use the link in their email.".to_owned()));
    }
    Ok(())
}

async fn hand_over(mut tx: TenantTx, invite: Uuid) -> Result<Secret, Refusal> {
    let secret = Secret::new();
    invites::hand_over(&mut tx, invite, secret.hash(), INVITATION).await?;
    tx.commit().await?;
    Ok(secret)
}
