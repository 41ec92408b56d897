//! Creates agencies, invites their owners, deletes and restores them.

use domain::AgencyId;
use domain::agency::NewAgency;
use leptos::prelude::*;
use operations::platform::agencies;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::normalize;

/// Creates an agency and invites its owner.
#[server(prefix = "/do", endpoint = "create_agency")]
pub async fn create_agency(name: String, slug: String, owner: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let name = domain::text::name(&name, 255).map_err(|wrong| Error::field("name", &wrong.say("a name")))?;
    let slug = normalize_slug(&slug)?;
    let owner = normalize::email("owner", &owner)?;
    let told = format!("{name} exists, and {owner} is invited to own it.");
    agencies::create(&actor, &NewAgency { name, slug }, &owner).await?;
    flash_notice(&context, "create_agency", told).await
}

/// Reads the short name of a new agency.
fn normalize_slug(typed: &str) -> Result<String> {
    let slug = domain::text::account(typed);
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
    Ok(slug)
}

/// Invites another owner to an agency.
#[server(prefix = "/do", endpoint = "invite_to_agency")]
pub async fn invite_to_agency(agency: AgencyId, owner: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let owner = normalize::email("owner", &owner)?;
    agencies::invite_owner(&actor, agency, &owner).await?;
    flash_notice(&context, "invite_to_agency", format!("{owner} is invited.")).await
}

/// Moves an agency to the trash, or restores it. Moving it requires its name to be typed, and its people lose
/// access at once.
#[server(prefix = "/do", endpoint = "set_agency_deleted")]
pub async fn set_agency_deleted(agency: AgencyId, deleted: bool, confirm: Option<String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let told = if deleted {
        agencies::remove(&actor, agency, &confirm.unwrap_or_default()).await?;
        "The agency is in the trash. It can be restored for 30 days."
    } else {
        agencies::restore(&actor, agency).await?;
        "The agency is back. Its people can sign in again; API tokens have to be made anew."
    };
    flash_notice(&context, "set_agency_deleted", told).await
}
