//! Creates agencies, invites their owners, deletes and restores them.

use domain::AgencyId;
use domain::agency::{MOST_URL_NAME, NewAgency};
use leptos::prelude::*;
use operations::platform::agencies;
use operations::platform::businesses::Status;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::normalize;

/// Creates an agency and invites its owner. An empty URL name follows from the name.
#[server(prefix = "/do", endpoint = "create_agency")]
pub async fn create_agency(name: String, #[server(default)] slug: String, owner: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let name = domain::text::name(&name, 255).map_err(|wrong| Error::field("name", &wrong.say("a name")))?;
    let slug = normalize_slug(&slug, &name)?;
    let owner = normalize::email("owner", &owner)?;
    let told = format!("{name} is ready, and {owner} is invited as its owner.");
    agencies::create(&actor, &NewAgency { name, slug }, &owner).await?;
    flash_notice(&context, "create_agency", told).await
}

/// Reads the URL name of a new agency, or makes one of its name.
fn normalize_slug(typed: &str, name: &str) -> Result<String> {
    let typed = domain::text::account(typed);
    let slug = if typed.is_empty() { domain::text::url_name(name) } else { typed };
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    // A slug that parses as an id could be taken for another agency's id.
    if slug.parse::<uuid::Uuid>().is_ok() {
        return Err(Error::field("slug", "Choose a name, not an id."));
    }
    if slug.is_empty() || slug.len() > MOST_URL_NAME || slug.starts_with('-') || !slug.chars().all(fits) {
        return Err(Error::field(
            "slug",
            "Use lowercase letters, digits and dashes, at most 63, beginning with a letter or digit.",
        ));
    }
    Ok(slug)
}

/// Pauses an agency, or resumes it.
#[server(prefix = "/do", endpoint = "set_agency_status")]
pub async fn set_agency_status(agency: AgencyId, status: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let status = Status::parse(&status).ok_or_else(|| Error::field("status", "Choose active or paused."))?;
    agencies::set_status(&actor, agency, status).await?;
    let told = match status {
        Status::Paused => "Agency paused. Its people can sign in, but no new jobs start.",
        Status::Active => "The agency is active again.",
    };
    flash_notice(&context, "set_agency_status", told).await
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
        "Agency moved to the trash. You can restore it for 30 days."
    } else {
        agencies::restore(&actor, agency).await?;
        "Agency restored. Its people can sign in again, but need new API tokens."
    };
    flash_notice(&context, "set_agency_deleted", told).await
}

#[cfg(test)]
mod tests {
    use super::normalize_slug;

    #[test]
    fn a_url_name_follows_from_the_name_unless_one_is_typed() {
        let slug = |typed, name| normalize_slug(typed, name).ok();
        assert_eq!(slug("", "Lighthouse Media").as_deref(), Some("lighthouse-media"));
        assert_eq!(slug("light", "Lighthouse Media").as_deref(), Some("light"));
        assert_eq!(slug("", "\u{4f60}\u{597d}"), None, "no letter is left, so a person chooses one");
        assert_eq!(slug("Light house", "Lighthouse Media"), None);
    }
}
