//! What the people of a business do there themselves: correct its details, choose its language, invite colleagues and take invitations back.

use domain::business::{Business, Details};
use domain::clients::{ClientDetails, Status};
use domain::identity::{AgencyRole, Reach, Role};
use domain::language::Language;
use domain::permission::Right;
use store::{businesses, invites, memberships};
use uuid::Uuid;

use crate::Refusal;
use crate::business_actor::BusinessActor;
use crate::clients::keep;
use crate::mails::{self, Invitation};

/// The details that a business changes itself, as typed. Its name and country are the agency's to change.
#[derive(Clone, Debug, Default)]
pub struct OwnDetails {
    /// E-mail address.
    pub email: String,
    /// Phone number.
    pub phone: String,
    /// Web address.
    pub website: String,
    /// Street and number.
    pub address: String,
    /// City.
    pub city: String,
    /// State or region.
    pub state: String,
    /// Postal code.
    pub postal_code: String,
}

/// Changes the business's own details here, and queues what HighLevel has to be told of it.
///
/// # Errors
/// `Forbidden` if the actor may not edit the business; `Invalid` with the fields that are wrong; `NotFound` if it is in
/// the trash; `State` if it is archived.
pub async fn change_details(actor: &BusinessActor, own: OwnDetails) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::BusinessEdit)?.begin().await?;
    let known = businesses::get(&mut tx, actor.access().id).await?;
    open(&known)?;
    let OwnDetails { email, phone, website, address, city, state, postal_code } = own;
    // What the agency keeps is not judged here: an older value of it refuses nothing. Without a country, numbers are read
    // as those of the United States; the country stays unknown.
    let typed = ClientDetails {
        name: "Business".to_owned(),
        country: known.details.country.clone().filter(|code| code.len() == 2).unwrap_or_else(|| "US".to_owned()),
        timezone: "America/New_York".to_owned(),
        notes: String::new(),
        email,
        phone,
        website,
        address,
        city,
        state,
        postal_code,
    };
    let read = typed.check().map_err(Refusal::Invalid)?.details();
    let Details { country, timezone, notes, .. } = known.details.clone();
    keep(&mut tx, &known, &known.name, &Details { country, timezone, notes, ..read }).await?;
    Ok(tx.commit().await?)
}

/// Chooses the language in which the business addresses its people and customers who chose none; `None` leaves it to the
/// country.
///
/// # Errors
/// As `change_details`.
pub async fn choose_language(actor: &BusinessActor, language: Option<Language>) -> Result<(), Refusal> {
    let business = actor.access().id;
    let mut tx = actor.require(Right::BusinessEdit)?.begin().await?;
    open(&businesses::get(&mut tx, business).await?)?;
    businesses::choose_language(&mut tx, business, language).await?;
    Ok(tx.commit().await?)
}

/// Invites a person to the business, as an owner or as a member of its team.
///
/// # Errors
/// `Invalid` if the role is none of a business, if the actor may not give it, or if the address belongs to the business
/// already; `NotFound` and `State` as `change_details`; `DailyLimit` if no more mail may be sent today.
pub async fn invite(actor: &BusinessActor, email: &str, role: Role) -> Result<(), Refusal> {
    let allowed = actor.require(Right::BusinessInvite)?;
    if !matches!(role, Role::BusinessOwner | Role::TeamMember) || !may_give(actor, role) {
        return Err(Refusal::field("role", "Choose a role that you may give."));
    }
    let mut tx = allowed.begin().await?;
    open(&businesses::get(&mut tx, actor.access().id).await?)?;
    let members = memberships::of_business(&mut tx).await?;
    if members.iter().any(|member| member.email.eq_ignore_ascii_case(email)) {
        return Err(Refusal::field("colleague", "They already have access."));
    }
    mails::invite(&mut tx, &Invitation { email, role, reach: Reach::Listed }).await?;
    Ok(tx.commit().await?)
}

/// Refuses what a business that is archived, or in the trash, cannot have any more.
fn open(known: &Business) -> Result<(), Refusal> {
    if known.deleted_at.is_some() {
        return Err(Refusal::NotFound);
    }
    if known.status == Status::Archived.key() {
        return Err(Refusal::State("This client is archived. Bring it back first.".to_owned()));
    }
    Ok(())
}

/// An owner of the business gives both of its roles; somebody of the agency gives what their own role includes.
fn may_give(actor: &BusinessActor, role: Role) -> bool {
    match &actor.access().from_agency {
        None => actor.access().role.is(Role::BusinessOwner),
        Some(agency) => agency.may_give(&AgencyRole::BuiltIn(role)),
    }
}

/// Withdraws an invitation to the business.
///
/// # Errors
/// `NotFound` if there is no such open invitation to it.
pub async fn withdraw(actor: &BusinessActor, invite: Uuid) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::BusinessInvite)?.begin().await?;
    invites::withdraw(&mut tx, invite).await?;
    Ok(tx.commit().await?)
}
