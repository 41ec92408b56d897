//! Pauses businesses and restores them from the trash.

use domain::identity::Reach;
use domain::{AgencyId, BusinessId};
use leptos::prelude::*;
use store::tenant::{Scope, TenantTx};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

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
