//! MCP over standard input and output, for a client that starts `slipway mcp` beside itself. Nothing but the protocol is
//! written to standard output.

use anyhow::{Context, anyhow, bail};
use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use secrecy::SecretString;

use super::caller::{admit_secret, said};
use super::mcp::Gateway;
use crate::http::pages::Shared;

/// The variable with the token of the business. An argument would be shown to everybody on the machine.
const TOKEN: &str = "SLIPWAY_TOKEN";

/// Serves the tools of this business, by id or slug, until the client closes our input.
///
/// # Errors
/// When no token is given, it may not call tools, or it is of another business.
pub async fn serve(shared: Shared, business: &str) -> anyhow::Result<()> {
    let secret = secret()?;
    let admitted = admit_secret(&shared, &secret).await.map_err(|refused| anyhow!(said(&refused)))?;
    if !admitted.is_of(business) {
        bail!("The token in {TOKEN} belongs to another business than {business}.");
    }
    match Gateway::of_program(shared, secret).serve(rmcp::transport::stdio()).await {
        Ok(running) => running.waiting().await.map(|_| ()).context("serving standard input"),
        // The client left before it said anything.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => bail!("The client did not begin as MCP says: {error}"),
    }
}

fn secret() -> anyhow::Result<SecretString> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the token is of this one command and no setting of the installation"
    )]
    let given = std::env::var(TOKEN).unwrap_or_default();
    if given.trim().is_empty() {
        bail!(
            "{TOKEN} is missing: it holds a token of the business. Make one on its page AI tools, or with `slipway token \
             create --business B --scopes tools --name desk --person you@example.com`."
        );
    }
    Ok(SecretString::from(given.trim()))
}
