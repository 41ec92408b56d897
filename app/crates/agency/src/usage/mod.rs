//! Usage: what each client sent and its assistant cost in this month, and the server function that says how much it may use.

mod limit;
mod months;
mod page;

use domain::BusinessId;
use domain::usage::grouped;
use leptos::prelude::*;
use operations::usage::{self, Typed};
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::page::Usage;

/// Sets how many messages a client may send in a month, how many tokens its assistant may spend in a day, and how many requests
/// its programs may send in a minute.
#[server(prefix = "/do", endpoint = "set_message_limit")]
pub async fn set_message_limit(
    business: BusinessId,
    #[server(default)] limit: String,
    #[server(default)] tokens: String,
    #[server(default)] requests: String,
) -> Result<()> {
    let context = server_context()?;
    let typed = Typed { messages: &limit, tokens: &tokens, requests: &requests };
    let set = usage::set_limits(&context.actor()?, business, typed).await?;
    let (messages, tokens) = (grouped(set.limit, ','), grouped(set.tokens, ','));
    let told = format!(
        "{} can now send {messages} messages a month, use {tokens} AI tokens a day and make {} API requests a minute.",
        set.name, set.requests
    );
    flash_notice(&context, "set_message_limit", told).await?;
    leptos_axum::redirect(&format!("/a/{}/usage", context.access()?.slug));
    Ok(())
}
