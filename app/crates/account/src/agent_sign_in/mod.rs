//! Sign-in of AI agents by browser: a person is asked whether a program may work with one of their businesses, and is led back
//! to the program with a code.

mod choices;
mod consent;
mod leaving;
mod texts;

use domain::agent_sign_in::{Asked, Parameters};
use leptos::prelude::*;
use operations::BusinessActor;
use operations::tools::sign_in;
use secrecy::ExposeSecret;
use web::clock::now;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::shown_once::show_once;

use self::texts::texts;

pub use self::consent::AgentConsent;
pub use self::leaving::AgentReturn;

/// Names the address that the next page leads to.
const LEAVING: &str = "allow_agent";

/// Lets an AI agent work with a business. The next page brings it its code. Posting the same form twice lets one agent in.
#[server(prefix = "/do", endpoint = "allow_agent")]
pub async fn allow_agent(
    client: String,
    redirect: String,
    challenge: String,
    #[server(default)] state: String,
    #[server(default)] resource: String,
    #[server(default)] once: Option<String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let sent =
        Parameters { client: &client, redirect: &redirect, challenge: &challenge, state: &state, resource: &resource };
    let gone = |_| Error::Conflict(texts(context.request.language).gone.1.to_owned());
    let asked = Asked::check(&sent, &context.state.settings.public_url).map_err(gone)?;
    let once =
        once.filter(|once| (8..=64).contains(&once.len())).unwrap_or_else(|| store::new_id::<uuid::Uuid>().to_string());
    run_to_end(allow_and_keep(context, actor, asked, once)).await?;
    leptos_axum::redirect("/oauth/return");
    Ok(())
}

/// Runs the work even if its request is gone: if a person presses twice, the browser drops the first request and shows
/// the page of the second.
#[expect(clippy::disallowed_methods, reason = "a code that reaches no program would be worth nothing")]
async fn run_to_end(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    let done = tokio::spawn(store::audit::within(store::audit::current(), work)).await;
    done.map_err(web::internal_error)?
}

/// Lets the agent in, and keeps the address that brings it its code for the next page. `once` is the key of the page that
/// was shown.
async fn allow_and_keep(context: ServerContext, actor: BusinessActor, asked: Asked, once: String) -> Result<()> {
    let Some(code) = sign_in::allow(&actor, &asked, &once, now()).await? else { return Ok(()) };
    let address = asked.lead_back(&context.state.settings.public_url, ("code", code.expose_secret()));
    show_once(&context, context.caller()?.user, LEAVING, &address).await?;
    Ok(context.session.save().await?)
}
