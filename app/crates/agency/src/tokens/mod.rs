//! API tokens of an agency: shown once, scoped, with an end. A token can do what the person who created it may do, and
//! only as long as they may. The reference of the API stands beside them.

mod examples;
mod page;
mod reference;

use std::collections::BTreeMap;

use domain::ApiTokenId;
use domain::permission::TOKEN_SCOPES;
use leptos::prelude::*;
use operations::Actor;
use operations::tokens::{self, Lifetime, NewToken};
use secrecy::ExposeSecret;
use web::clock::now;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::shown_once::show_once;

pub use self::page::Tokens;
pub use self::reference::ApiReference;

/// Creates a token. Its value is shown once, on the next page. Posting the same form twice creates one token.
#[server(prefix = "/do", endpoint = "create_token")]
pub async fn create_token(
    name: String,
    #[server(default)] lifetime: String,
    #[server(default)] once: Option<String>,
    #[server(flatten)] fields: BTreeMap<String, String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    // The form has a checkbox for each scope.
    let scopes = TOKEN_SCOPES.into_iter().filter(|scope| fields.contains_key(*scope)).collect();
    let once = once.filter(|once| (8..=64).contains(&once.len()));
    let lifetime = Lifetime::parse(&lifetime).unwrap_or_default();
    run_to_end(create_and_keep(context, actor, (name, lifetime), scopes, once)).await
}

/// Runs the work even if its request is gone: if a person presses twice, the browser drops the first request and shows
/// the page of the second.
#[expect(clippy::disallowed_methods, reason = "a token whose value is never shown would be worth nothing")]
async fn run_to_end(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    let done = tokio::spawn(store::audit::within(store::audit::current(), work)).await;
    done.map_err(web::internal_error)?
}

/// Creates the token, and keeps its value for the next page. `once` is the key of the page that was shown.
async fn create_and_keep(
    context: ServerContext,
    actor: Actor,
    (name, lifetime): (String, Lifetime),
    scopes: Vec<&'static str>,
    once: Option<String>,
) -> Result<()> {
    let new = NewToken { name: &name, scopes: &scopes, lifetime, now: now() };
    let secret = match once {
        Some(once) => tokens::create_once(&actor, &new, &once).await?,
        None => Some(tokens::create(&actor, &new).await?),
    };
    let Some(secret) = secret else { return Ok(()) };
    show_once(&context, context.caller()?.user, "new_token", secret.expose_secret()).await?;
    Ok(context.session.save().await?)
}

/// Revokes a token at once.
#[server(prefix = "/do", endpoint = "revoke_token")]
pub async fn revoke_token(token: ApiTokenId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    tokens::revoke(&actor, token).await?;
    flash_notice(&context, "revoke_token", "Token revoked. Apps using it no longer have access.").await
}
