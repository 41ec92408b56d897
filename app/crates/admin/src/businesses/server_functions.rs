//! Pauses businesses and restores them from the trash.

use domain::{AgencyId, BusinessId};
use leptos::prelude::*;
use operations::platform::businesses::{self, Status};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Pauses a business, or resumes it.
#[server(prefix = "/do", endpoint = "set_business_status")]
pub async fn set_business_status(agency: AgencyId, business: BusinessId, status: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let status = Status::parse(&status).ok_or_else(|| Error::field("status", "Choose active or paused."))?;
    businesses::set_status(&actor, agency, business, status).await?;
    let told = match status {
        Status::Paused => "Business paused.",
        Status::Active => "Business resumed.",
    };
    flash_notice(&context, "set_business_status", told).await
}

/// Takes a business out of the trash.
#[server(prefix = "/do", endpoint = "restore_business")]
pub async fn restore_business(agency: AgencyId, business: BusinessId) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    businesses::restore(&actor, agency, business).await?;
    flash_notice(&context, "restore_business", "Business restored.").await
}
