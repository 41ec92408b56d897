//! What the people of a business do there themselves: correct its details, choose its language, invite colleagues, take
//! invitations back and change roles.

use domain::UserId;
use domain::access::BusinessAccess;
use domain::business::{Business, Details};
use domain::clients::{ClientDetails, Status};
use domain::identity::{AgencyRole, Reach, Role};
use domain::language::Language;
use domain::permission::Right;
use store::{business_roles, businesses, invites, memberships};
use uuid::Uuid;

use crate::Refusal;
use crate::business_actor::BusinessActor;
use crate::clients::keep;
use crate::mails::{self, Invitation};

/// The roles of a business, from the fewest rights to the most.
const ROLES: [Role; 2] = [Role::TeamMember, Role::BusinessOwner];

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
    // What the agency keeps is written again, so the agency does not change it meanwhile.
    businesses::hold(&mut tx, actor.access().id).await?;
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
    if !may_give(actor.access(), role) {
        return Err(Refusal::field("role", "Choose a role you can grant."));
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

/// The roles of the business that somebody with this access may give, from the fewest rights to the most.
#[must_use]
pub fn roles_to_give(access: &BusinessAccess) -> Vec<Role> {
    let may = access.allows(Right::BusinessInvite);
    ROLES.into_iter().filter(|role| may && may_give(access, *role)).collect()
}

/// An owner of the business gives both of its roles; somebody of the agency gives what their own role includes.
fn may_give(access: &BusinessAccess, role: Role) -> bool {
    ROLES.contains(&role)
        && match &access.from_agency {
            None => access.role.is(Role::BusinessOwner),
            Some(agency) => agency.may_give(&AgencyRole::BuiltIn(role)),
        }
}

/// Gives another member of the business this role, from their next request on. Their earlier invitations to the business
/// end. Nothing is changed if they have the role already.
///
/// # Errors
/// `Forbidden` if the actor may not invite people, or does not own the business any more; `NotFound` if the person is no
/// member of the business; `State` if it is the actor's own role, if the actor may not change them or give this role, if
/// they are the last owner, or if the business is archived.
pub async fn change_role(actor: &BusinessActor, user: UserId, role: Role) -> Result<(), Refusal> {
    let (allowed, access) = (actor.require(Right::BusinessInvite)?, actor.access());
    if actor.user() == user {
        return Err(Refusal::State("You can't change your own role. Ask another owner.".to_owned()));
    }
    if !may_give(access, role) {
        return Err(Refusal::State("Choose a role you can grant.".to_owned()));
    }
    let mut tx = allowed.begin().await?;
    open(&businesses::get(&mut tx, access.id).await?)?;
    business_roles::take_turn(&mut tx, user).await?;
    let members = memberships::of_business(&mut tx).await?;
    // Another owner may have changed the actor's role since the request began.
    let owns = |user: UserId| members.iter().any(|one| one.user == user && one.role.is(Role::BusinessOwner));
    if access.from_agency.is_none() && !owns(actor.user()) {
        return Err(Refusal::Forbidden(Right::BusinessInvite));
    }
    let member = members.iter().find(|member| member.user == user).ok_or(Refusal::NotFound)?;
    let AgencyRole::BuiltIn(before) = member.role else { return Err(Refusal::NotFound) };
    if !may_give(access, before) {
        return Err(Refusal::State("Their role has more access than yours: ask an agency owner.".to_owned()));
    }
    if before == role {
        return Ok(());
    }
    business_roles::set(&mut tx, user, before, role).await.map_err(last_owner)?;
    Ok(tx.commit().await?)
}

fn last_owner(error: store::Error) -> Refusal {
    match error {
        store::Error::Refused(what) if what == "last_owner" => {
            Refusal::State("A business needs at least one owner. Make someone else an owner first.".to_owned())
        }
        other => other.into(),
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
