//! Handles unsolicited OAuth callbacks: installs that began in HighLevel's marketplace. The install is stored unclaimed
//! until an agency admin claims it, and the page says that it did not start here. Limits bound how many such callbacks
//! one address may send and how many exchanges run at once, because anybody can send one. A repeated code gets the
//! result of its first delivery.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use ghl::auth::Class;
use operations::integrations::claim::{Arrival, Kept};
use operations::throttle;
use outbound::{CallContext, Priority};
use store::throttle::{Key, Try};
use tower_sessions::Session;
use web::Error;
use web::request_context::RequestContext;

use super::token_storage;
use super::{Answer, is_code, notice, refusal};
use crate::http::pages::Shared;
use crate::http::problem;

/// Most unsolicited codes that are exchanged at once.
pub const MOST_UNSOLICITED: usize = 2;

/// A refused code may have been delivered twice at once. How often, and how many times, to check whether the other
/// delivery stored its install.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: usize = 10;

/// Counts an unsolicited callback as a try of this address. Fails while the address has to wait.
pub(super) async fn take(shared: &Shared, context: &RequestContext) -> Result<Vec<Try>, Error> {
    Ok(throttle::take_each(&shared.app.db, "consent", &Key::from_address("consent", &context.ip)).await?)
}

/// Handles an install that began in the marketplace.
pub(super) async fn without_state(
    shared: &Shared,
    context: &RequestContext,
    session: &Session,
    answer: Answer,
) -> Response {
    let Some(code) = answer.code else {
        return problem::of(Error::Conflict("HighLevel sent no code, so nothing was connected.".to_owned()));
    };
    if !is_code(&code) {
        return problem::answer(
            StatusCode::BAD_REQUEST,
            "No code",
            "This is no code of HighLevel, so nothing was connected.",
        );
    }
    let told = match arrive(shared, context, session, code).await {
        Ok(told) => told,
        Err(Failure::Busy) => return problem::answer(StatusCode::TOO_MANY_REQUESTS, "Busy", BUSY),
        Err(Failure::Reported(error)) => return problem::of(error),
    };
    if let Err(cause) = notice(told).keep(session).await {
        tracing::warn!(%cause, "an unclaimed install could not be told");
    }
    let target = if context.caller.is_some() { "/integrations" } else { "/login?next=%2Fintegrations" };
    Redirect::to(target).into_response()
}

enum Failure {
    Busy,
    Reported(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Reported(error)
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Reported(error.into())
    }
}

async fn arrive(shared: &Shared, context: &RequestContext, session: &Session, code: String) -> Result<String, Failure> {
    let hash = web::token::hash(&code);
    if let Some(known) = store::app_installs::arrived(&shared.app.db, hash).await? {
        return Ok(known_already(&known));
    }
    let asked = take(shared, context).await?;
    let Ok(permit) = Arc::clone(&shared.server.unsolicited_callbacks).try_acquire_owned() else {
        return Err(Failure::Busy);
    };
    let app = shared.app.clone();
    let arrival = Arrival { claim: web::token::Secret::new().hash(), begun_here: false, code: hash };
    let claim = arrival.claim;
    let work = shared.server.tasks.spawn(async move {
        let about = CallContext { priority: Priority::Interactive, ..CallContext::default() };
        let redirect = token_storage::redirect_uri(&app.settings.public_url)?;
        let tokens = ghl::auth::exchange(&app.ghl, &about, &code, &redirect, &Class::Company)
            .await
            .map_err(|error| refusal(&error))?;
        let kept = token_storage::keep_unclaimed(&app, tokens, arrival).await;
        drop(permit);
        for one in asked {
            store::throttle::give_back(&app.db, one).await?;
        }
        kept
    });
    match work.await.map_err(web::internal_error)? {
        Ok(Kept::Waiting(name)) => {
            if let Err(cause) = web::session::remember_claim(session, claim).await {
                tracing::warn!(%cause, "the browser can't remember its install; an agency connected to the company still sees it");
            }
            Ok(format!(
                "The install of {name} arrived from HighLevel. It did not start here: an agency admin claims it on the connections page within an hour."
            ))
        }
        Ok(Kept::Claimed(name)) => Ok(format!(
            "{name} belongs to an agency here already, and nothing was changed. Its connection is renewed with \"Reconnect HighLevel\" on the connections page."
        )),
        Err(Error::Conflict(why)) => {
            for _ in 0..LOOKS {
                if let Some(known) = store::app_installs::arrived(&shared.app.db, hash).await? {
                    return Ok(known_already(&known));
                }
                tokio::time::sleep(LOOK).await;
            }
            Err(Failure::Reported(Error::Conflict(why)))
        }
        Err(error) => Err(Failure::Reported(error)),
    }
}

fn known_already(install: &domain::integration::Install) -> String {
    let name = install.label();
    match install.state.as_str() {
        "claimed" => format!("The install of {name} arrived already and is connected."),
        "uninstalled" => format!("The install of {name} arrived and was removed at HighLevel since."),
        _ => format!(
            "The install of {name} arrived already. It did not start here: an agency admin claims it on the connections page within an hour."
        ),
    }
}

/// Shown when the limit of concurrent exchanges is reached.
const BUSY: &str = "Several installs from the marketplace arrive just now, so nothing was asked of HighLevel and nothing was connected. Install the app again in a minute, or connect it from your agency's connections page.";
