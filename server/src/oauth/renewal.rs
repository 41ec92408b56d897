//! Reconnects a channel by a link: its holder, who may have no account here, goes to Meta's consent page and comes back. Both
//! ends, and the window of WhatsApp's Embedded Signup, are the same as for signed-in people; what is connected is the link's
//! one account.

use axum::extract::{Query, State};
use axum::response::Response;
use chrono::Utc;
use meta::auth::{Returned, Way};
use operations::channels::{self, Renewal};
use operations::integrations::connect as consents;
use serde::Deserialize;
use store::oauth_states;
use tower_sessions::Session;
use url::Url;
use web::Error;
use web::flash::Flash;

use super::meta::{consent_page, leave, ready, redirect_uri, way};
use super::meta_accounts;
use super::signup::SetUp;
use crate::http::pages::Shared;
use crate::http::problem;

/// Where the holder of a link is told what became of it.
const HOME: &str = "/renew/done";

/// The secret of a link.
#[derive(Deserialize)]
pub struct Presented {
    #[serde(default)]
    token: String,
    /// Whether the link's page opened a window for it.
    #[serde(default)]
    window: bool,
}

/// `GET /api/integrations/meta/renew?token=SECRET`: begins the consent of whoever holds this link and redirects to Meta's
/// consent page; with `&window=true` to WhatsApp's Embedded Signup, where this installation has it.
pub async fn begin(State(shared): State<Shared>, session: Session, Query(presented): Query<Presented>) -> Response {
    match started(&shared, &session, &presented).await {
        Ok(address) => leave(&address, presented.window),
        Err(error) => problem::of(error),
    }
}

async fn started(shared: &Shared, session: &Session, presented: &Presented) -> Result<Url, Error> {
    ready(shared)?;
    let asked = channels::find_link(&shared.app.db, &presented.token, Utc::now()).await?;
    let kind = asked.integration.kind;
    let way = way(shared, kind);
    let (address, state) = consent_page(shared, way, presented.window)?;
    let binding = web::session::oauth_binding(session).await?;
    let by = (kind, way == Way::InstagramLogin);
    channels::begin_by_link(&shared.app.db, &presented.token, by, state, binding).await?;
    Ok(address)
}

/// Handles the answer to the consent of a link's holder. Returns where they go on, and what they are told there, with the
/// place whose brand that page carries.
pub(super) async fn answered(
    shared: &Shared,
    renewal: Renewal,
    hashes: ([u8; 32], [u8; 32]),
    came: (Returned, SetUp),
) -> Result<(String, Flash), Error> {
    let (agency, business) = renewal.place();
    let flash = outcome(shared, renewal, hashes, came).await?;
    let place = [("agency".to_owned(), agency.to_string()), ("business".to_owned(), business.to_string())];
    Ok((HOME.to_owned(), Flash { values: place.into(), ..flash }))
}

/// What became of the consent.
async fn outcome(
    shared: &Shared,
    renewal: Renewal,
    (hash, key): ([u8; 32], [u8; 32]),
    (returned, set_up): (Returned, SetUp),
) -> Result<Flash, Error> {
    let db = &shared.app.db;
    if channels::answer(db, hash, key).await?.is_none() {
        let first = oauth_states::answered(db, hash, key).await?.ok_or(Error::NotFound)?;
        let told =
            first.told.unwrap_or_else(|| "It is still being answered. Open the link again in a minute.".to_owned());
        let told = format!("This consent has been answered already. {told}");
        return Ok(match first.connected {
            Some(true) => done(told),
            _ => failed(Error::Conflict(told)),
        });
    }
    let outcome = match returned {
        Returned::Code(code) => finish(shared, renewal, (code, set_up), hash).await,
        Returned::Denied => Err(Error::Conflict("You canceled at Meta. Nothing was changed.".to_owned())),
        Returned::Failed => Err(Error::Conflict("Meta sent no code, so nothing was changed. Try again.".to_owned())),
    };
    Ok(match outcome {
        Ok(told) => done(told),
        Err(error) => {
            consents::refused(db, hash, &error.to_string()).await?;
            failed(error)
        }
    })
}

/// Exchanges the code and reconnects the channel, even if the browser disconnects.
async fn finish(
    shared: &Shared,
    renewal: Renewal,
    (code, set_up): (String, SetUp),
    hash: [u8; 32],
) -> Result<String, Error> {
    let app = shared.app.clone();
    let way = super::meta::way_of(renewal.kind(), renewal.instagram_login());
    let work = shared.server.tasks.spawn(async move {
        let redirect = redirect_uri(&app.settings.public_url)?;
        let (accounts, tokens) = meta_accounts::of_code(&app.meta, way, &renewal.consent(), &code, &redirect).await?;
        let accounts = set_up.among(renewal.kind(), accounts);
        let name = renewal.finish(&app.db, &app.vault, accounts, tokens, Utc::now()).await?;
        let told = format!("{name} is being reconnected. Messages that waited are sent as soon as it works.");
        consents::connected(&app.db, hash, &told).await?;
        Ok::<_, Error>(told)
    });
    work.await.map_err(web::internal_error)?
}

fn done(told: String) -> Flash {
    Flash { operation: "renew_channel".to_owned(), notice: Some(told), ..Flash::default() }
}

fn failed(error: Error) -> Flash {
    Flash { operation: "renew_channel".to_owned(), error: Some(error), ..Flash::default() }
}
