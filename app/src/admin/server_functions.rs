//! Operations of platform staff: create and delete agencies, pause and restore businesses, and control who may
//! sign in.

use std::time::Duration;

use domain::agency::NewAgency;
use domain::identity::{Reach, Role};
use domain::{AgencyId, BusinessId, UserId};
use leptos::prelude::*;
use store::invites::NewInvite;
use store::tenant::{Scope, TenantTx};

use crate::error::{Error, Result};
use crate::flash_notice::flash_notice;
use crate::guard::server_context;
use crate::identity::token::Secret;
use crate::identity::{mails, typed};

/// Lifetime of the link in an owner's invitation.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Creates an agency and invites its owner.
#[server(prefix = "/do", endpoint = "create_agency")]
pub async fn create_agency(name: String, slug: String, owner: String) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("create_agency").await?;
    context.recent()?;
    let name = domain::text::name(&name, 255).map_err(|wrong| Error::field("name", &wrong.say("a name")))?;
    let slug = domain::text::account(&slug);
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    // A slug that parses as an id could be taken for another agency's id.
    if slug.parse::<uuid::Uuid>().is_ok() {
        return Err(Error::field("slug", "Choose a name, not an id."));
    }
    if slug.is_empty() || slug.len() > 63 || slug.starts_with('-') || !slug.chars().all(fits) {
        return Err(Error::field(
            "slug",
            "Use small letters, digits and dashes, at most 63, beginning with a letter or digit.",
        ));
    }
    let owner = typed::email("owner", &owner)?;
    let mail = mails::platform_may_send(&mut tx, &owner).await?;
    let agency = match store::agencies::add(&mut tx, &NewAgency { name: name.clone(), slug }).await {
        Err(store::Error::Taken(_)) => return Err(Error::field("slug", "Another agency has this short name.")),
        made => made?,
    };
    let secret = Secret::new();
    store::invites::invite_platform(&mut tx, agency, &invitation(&owner, &secret)).await?;
    tx.commit().await?;
    mails::invitation(&context.state, mail, &owner, &name, Role::AgencyOwner.label(), &secret).await?;
    flash_notice(&context, "create_agency", format!("{name} exists, and {owner} is invited to own it.")).await
}

/// Invites another owner to an agency.
#[server(prefix = "/do", endpoint = "invite_to_agency")]
pub async fn invite_to_agency(agency: AgencyId, owner: String) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("invite_to_agency").await?;
    context.recent()?;
    let owner = typed::email("owner", &owner)?;
    let found = store::agencies::find_ref(&mut tx, &agency.to_string()).await?.ok_or(Error::NotFound)?;
    let mail = mails::platform_may_send(&mut tx, &owner).await?;
    let secret = Secret::new();
    store::invites::invite_platform(&mut tx, agency, &invitation(&owner, &secret)).await?;
    tx.commit().await?;
    mails::invitation(&context.state, mail, &owner, &found.name, Role::AgencyOwner.label(), &secret).await?;
    flash_notice(&context, "invite_to_agency", format!("{owner} is invited.")).await
}

fn invitation<'a>(email: &'a str, secret: &Secret) -> NewInvite<'a> {
    NewInvite { hash: secret.hash(), email, role: Role::AgencyOwner, reach: Reach::All, valid: INVITATION }
}

/// Pauses a business, or resumes it.
#[server(prefix = "/do", endpoint = "set_business_status")]
pub async fn set_business_status(agency: AgencyId, business: BusinessId, status: String) -> Result<()> {
    let context = server_context()?;
    context.platform("set_business_status").await?.commit().await?;
    context.recent()?;
    if !matches!(status.as_str(), "active" | "paused") {
        return Err(Error::field("status", "Choose active or paused."));
    }
    let user = Some(context.caller()?.user);
    let scope = Scope::AgencyBusiness { user, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&context.state.db, scope).await?;
    store::businesses::set_status(&mut tx, business, &status).await?;
    tx.commit().await?;
    flash_notice(
        &context,
        "set_business_status",
        if status == "paused" { "The business is paused." } else { "The business works again." },
    )
    .await
}

/// Moves an agency to the trash, or restores it. Moving it requires its name to be typed, and its people lose
/// access at once.
#[server(prefix = "/do", endpoint = "set_agency_deleted")]
pub async fn set_agency_deleted(agency: AgencyId, deleted: bool, confirm: Option<String>) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("set_agency_deleted").await?;
    context.recent()?;
    if deleted {
        let found = store::agencies::find_ref(&mut tx, &agency.to_string()).await?.ok_or(Error::NotFound)?;
        if !domain::text::same(&confirm.unwrap_or_default(), &found.name) {
            return Err(Error::Conflict("The name you typed is another one. Nothing was deleted.".to_owned()));
        }
    }
    store::agencies::set_deleted(&mut tx, agency, deleted).await?;
    tx.commit().await?;
    let told = match deleted {
        true => "The agency is in the trash. It can be restored for 30 days.",
        false => "The agency is back. Its people can sign in again; API tokens have to be made anew.",
    };
    flash_notice(&context, "set_agency_deleted", told).await
}

/// Takes a business out of the trash.
#[server(prefix = "/do", endpoint = "restore_business")]
pub async fn restore_business(agency: AgencyId, business: BusinessId) -> Result<()> {
    let context = server_context()?;
    context.platform("restore_business").await?.commit().await?;
    context.recent()?;
    let user = Some(context.caller()?.user);
    let scope = Scope::AgencyBusiness { user, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&context.state.db, scope).await?;
    match store::businesses::restore(&mut tx, business).await {
        Err(store::Error::Taken(_)) => {
            return Err(Error::Conflict(
                "Another business uses its HighLevel location by now. Put that one into the trash first.".to_owned(),
            ));
        }
        done => done?,
    }
    tx.commit().await?;
    flash_notice(&context, "restore_business", "The business is back, as it was.").await
}

/// Disables a person's sign-in, which ends their sessions at once, or enables it again.
#[server(prefix = "/do", endpoint = "set_person_disabled")]
pub async fn set_person_disabled(user: UserId, disabled: bool) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("set_person_disabled").await?;
    context.recent()?;
    if context.caller()?.user == user {
        return Err(Error::Conflict("You can't disable yourself. Ask another super admin.".to_owned()));
    }
    store::identity::set_disabled(&mut tx, user, disabled).await?;
    let orphaned = if disabled { store::memberships::without_owner(&mut tx, user).await? } else { Vec::new() };
    tx.commit().await?;
    if disabled {
        store::sessions::remove_ended(&context.state.db, user).await?;
    }
    flash_notice(&context, "set_person_disabled", disabled_words(disabled, &orphaned)).await
}

/// The message after the change. It names the agencies that now have no owner who can sign in.
fn disabled_words(disabled: bool, orphaned: &[String]) -> String {
    match (disabled, orphaned) {
        (false, _) => "They can sign in again.".to_owned(),
        (true, []) => "They can no longer sign in.".to_owned(),
        (true, names) => format!(
            "They can no longer sign in. {} now has no owner who can: invite one under Agencies.",
            names.join(", ")
        ),
    }
}

/// Ends every session of a person.
#[server(prefix = "/do", endpoint = "end_sessions_of")]
pub async fn end_sessions_of(user: UserId) -> Result<()> {
    let context = server_context()?;
    context.platform("end_sessions_of").await?.commit().await?;
    context.recent()?;
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    let ended = store::sessions::end_all_of(&mut tx, user, context.caller()?.user).await?;
    tx.commit().await?;
    flash_notice(&context, "end_sessions_of", format!("{ended} sessions ended.")).await
}

/// Removes the second factor of a person who lost both their phone and their recovery codes. Their sessions end.
/// Where a second factor is required, they set up a new one at their next sign-in.
#[server(prefix = "/do", endpoint = "reset_second_factor")]
pub async fn reset_second_factor(user: UserId) -> Result<()> {
    let context = server_context()?;
    context.platform("reset_second_factor").await?.commit().await?;
    context.recent()?;
    let by = context.caller()?.user;
    if by == user {
        return Err(Error::Conflict(
            "You can't reset your own. Replace it with another app on your profile.".to_owned(),
        ));
    }
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(user)).await?;
    store::factors::reset(&mut tx, by).await?;
    tx.commit().await?;
    flash_notice(
        &context,
        "reset_second_factor",
        "Their second factor is gone and their sessions ended. They sign in by password.",
    )
    .await
}
