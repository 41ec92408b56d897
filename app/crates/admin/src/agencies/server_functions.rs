//! Creates agencies, invites their owners, deletes and restores them.

use std::time::Duration;

use domain::AgencyId;
use domain::agency::NewAgency;
use domain::identity::{Reach, Role};
use leptos::prelude::*;
use store::invites::NewInvite;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::token::Secret;
use web::{mails, normalize};

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
    let owner = normalize::email("owner", &owner)?;
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
    let owner = normalize::email("owner", &owner)?;
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
