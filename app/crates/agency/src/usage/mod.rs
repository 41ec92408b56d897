//! Usage: what each client sent in this month, and the server function that says how much it may send.

mod limit;
mod page;

use domain::BusinessId;
use domain::usage::grouped;
use leptos::prelude::*;
use operations::usage;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::page::Usage;

/// Sets how many messages a client may send in a month.
#[server(prefix = "/do", endpoint = "set_message_limit")]
pub async fn set_message_limit(business: BusinessId, #[server(default)] limit: String) -> Result<()> {
    let context = server_context()?;
    let set = usage::set_limit(&context.actor()?, business, &limit).await?;
    let told = format!("{} may send {} messages a month.", set.name, grouped(set.limit, ','));
    flash_notice(&context, "set_message_limit", told).await?;
    leptos_axum::redirect(&format!("/a/{}/usage", context.access()?.slug));
    Ok(())
}
