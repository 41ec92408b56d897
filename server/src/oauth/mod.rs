//! Connects an agency to HighLevel by OAuth: the user consents at HighLevel, the callback receives a code, and the
//! tokens are stored at once. A code works once and a refresh token dies with its use, so exchange and storage run in a
//! task that finishes even when the browser disconnects. A repeated callback (double click, reload) gets the result of
//! the first one. A callback without our state comes from the marketplace; `unsolicited.rs` handles it.

pub mod meta;
pub mod meta_accounts;
pub mod renewal;
mod signup;
pub mod token_storage;
pub mod trial;
mod unsolicited;

use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::access::AgencyAccess;
use domain::{AgencyId, UserId};
use ghl::auth::{Class, Host};
use operations::Actor;
use operations::integrations::claim::Arrival;
use operations::integrations::connect::{self as consents, Connected, Consent};
use outbound::{CallContext, Priority};
use serde::Deserialize;
use store::oauth_states;
use tower_sessions::Session;
use web::flash::Flash;
use web::request_context::{CurrentTenant, RequestContext};
use web::{Error, guard};

use self::token_storage::Adopted;
use crate::http::pages::Shared;
use crate::http::problem;

pub use unsolicited::MOST_UNSOLICITED;

/// How often, and how many times, a second delivery checks whether the first one has ended: 20 s in all, longer
/// than an exchange takes.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: usize = 80;

/// The query parameters with which HighLevel's consent page sends a person back.
#[derive(Debug, Deserialize)]
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Which consent page is requested.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    host: String,
}

/// `GET /api/integrations/ghl/connect?agency=ID`, with `&host=white-label` for a white-labelled agency: remembers
/// who asks and redirects to HighLevel's consent page.
pub async fn connect(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    let host = if wanted.host == "white-label" { Host::WhiteLabel } else { Host::Standard };
    match begin(&shared, &context, &session, host).await {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(error) => back(&session, &context, error).await,
    }
}

async fn begin(shared: &Shared, context: &RequestContext, session: &Session, host: Host) -> Result<String, Error> {
    let place = context.agency().ok_or(Error::NotFound)?;
    let user = crate::http::authentication::person(context)?;
    ready(shared)?;
    let state = web::token::Secret::new();
    let binding = web::session::oauth_binding(session).await?;
    let actor = Actor::person(shared.app.db.clone(), user, place.clone());
    consents::begin(&actor, state.hash(), binding).await?;
    let redirect = token_storage::redirect_uri(&shared.app.settings.public_url)?;
    Ok(ghl::auth::authorize_url(&shared.app.ghl, host, &redirect, ghl::auth::SCOPES, state.expose()).to_string())
}

/// Fails while this installation has no marketplace app, so that nothing is sent to HighLevel.
fn ready(shared: &Shared) -> Result<(), Error> {
    if shared.app.settings.highlevel_ready {
        return Ok(());
    }
    Err(Error::Conflict(
        "HighLevel is not set up on this installation: GHL_CLIENT_ID and GHL_CLIENT_SECRET are missing. Ask whoever runs the server.".to_owned(),
    ))
}

/// True if this looks like a code of HighLevel: 40 letters and digits, with some tolerance. Anything else is not
/// worth a call.
fn is_code(code: &str) -> bool {
    (16..=128).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// `GET /api/integrations/ghl/callback`: the person comes back from the consent page.
pub async fn callback(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    Query(answer): Query<Answer>,
) -> Response {
    if let Err(error) = ready(&shared) {
        return problem::of(error);
    }
    let Some(shown) = answer.state.as_deref().filter(|state| !state.is_empty()) else {
        return unsolicited::without_state(&shared, &context, &session, answer).await;
    };
    match trial::answered(&session, shown, &answer).await {
        Ok(Some(told)) => return told,
        Ok(None) => {}
        Err(error) => return problem::of(error),
    }
    let hash = web::token::hash(shown);
    match solicited_callback(&shared, &context, &session, hash, answer).await {
        Ok((place, flash)) => {
            if let Err(cause) = flash.keep(&session).await {
                tracing::warn!(%cause, "the outcome of a consent could not be told");
            }
            Redirect::to(&format!("/a/{}/connections", place.slug)).into_response()
        }
        Err(error) => problem::of(error),
    }
}

/// Handles the answer to a consent that began here. Returns the outcome, and the agency whose page shows it.
async fn solicited_callback(
    shared: &Shared,
    context: &RequestContext,
    session: &Session,
    hash: [u8; 32],
    answer: Answer,
) -> Result<(AgencyAccess, Flash), Error> {
    let unknown = || {
        Error::Conflict(
            "This took longer than ten minutes or started in another browser. Nothing was connected. Start again under Connections.".to_owned(),
        )
    };
    let Some(key) = web::session::known_oauth_binding(session).await? else {
        unsolicited::take(shared, context).await?;
        return Err(unknown());
    };
    let Some(answered) = consents::answer(&shared.app.db, hash, key).await? else {
        let Some((agency, flash)) = repeated_delivery(shared, hash, key).await? else {
            tracing::warn!(event = "oauth.state_refused", "a consent answer had no living state of this session");
            unsolicited::take(shared, context).await?;
            return Err(unknown());
        };
        return Ok((place(shared, context, None, agency).await?, flash));
    };
    let allowed = place(shared, context, Some(answered.user()), answered.agency()).await;
    let (place, consent) = match allowed.and_then(|place| Ok((answered.allowed(&place)?, place))) {
        Ok((consent, place)) => (place, consent),
        Err(error) => {
            consents::refused(&shared.app.db, hash, &error.to_string()).await?;
            return Err(error);
        }
    };
    let outcome = match (answer.code, answer.error) {
        (Some(code), None) if is_code(&code) => finish(shared, session, consent, code, hash).await,
        (Some(_), None) => {
            Err(Error::Conflict("This is no code of HighLevel. Nothing was connected. Start again.".to_owned()))
        }
        (_, Some(_)) => Err(Error::Conflict("You cancelled in HighLevel. Nothing was connected.".to_owned())),
        (None, None) => Err(Error::Conflict("HighLevel sent no code, so nothing was connected. Try again.".to_owned())),
    };
    let flash = match outcome {
        Ok(told) => notice(told),
        Err(error) => {
            consents::refused(&shared.app.db, hash, &error.to_string()).await?;
            Flash { operation: "connect".to_owned(), error: Some(error), ..Flash::default() }
        }
    };
    Ok((place, flash))
}

fn notice(told: String) -> Flash {
    Flash { operation: "connect".to_owned(), notice: Some(told), ..Flash::default() }
}

/// Returns the agency that a consent is for, if the person who comes back may still manage its integrations. With
/// `user`, it must be that person.
async fn place(
    shared: &Shared,
    context: &RequestContext,
    user: Option<UserId>,
    agency: AgencyId,
) -> Result<AgencyAccess, Error> {
    let caller = context.caller.as_deref().filter(|caller| user.is_none_or(|user| caller.user == user));
    let caller = caller.ok_or(Error::SignIn)?;
    let needs = domain::permission::Needs::Agency(domain::permission::Right::ConnectionsManage);
    match guard::authorize(&shared.app, caller, needs, Some(&agency.to_string())).await? {
        CurrentTenant::Agency(place) => Ok(place),
        _ => Err(Error::NotFound),
    }
}

/// Returns the agency and outcome that a second delivery shows: those of the first one, for which it waits while
/// that one is still running. Returns `None` if this session never answered this consent.
async fn repeated_delivery(shared: &Shared, hash: [u8; 32], key: [u8; 32]) -> Result<Option<(AgencyId, Flash)>, Error> {
    for _ in 0..LOOKS {
        let Some(first) = oauth_states::answered(&shared.app.db, hash, key).await? else { return Ok(None) };
        let told = first.told.unwrap_or_default();
        match first.connected {
            Some(true) => {
                return Ok(Some((first.agency, notice(format!("This consent has been answered already. {told}")))));
            }
            Some(false) => {
                let error = Error::Conflict(format!("This consent has been answered already. {told}"));
                let flash = Flash { operation: "connect".to_owned(), error: Some(error), ..Flash::default() };
                return Ok(Some((first.agency, flash)));
            }
            None => tokio::time::sleep(LOOK).await,
        }
    }
    let lost = "This consent has been answered already, and how it ended is not known yet. The card below shows whether HighLevel is connected; if not, start again.";
    let first = oauth_states::answered(&shared.app.db, hash, key).await?;
    Ok(first.map(|first| (first.agency, notice(lost.to_owned()))))
}

/// Exchanges the code and stores the tokens, even if the browser disconnects.
async fn finish(
    shared: &Shared,
    session: &Session,
    consent: Consent,
    code: String,
    hash: [u8; 32],
) -> Result<String, Error> {
    let app = shared.app.clone();
    let arrival = Arrival { claim: web::token::Secret::new().hash(), begun_here: true, code: web::token::hash(&code) };
    let claim = arrival.claim;
    let work = shared.server.tasks.spawn(async move {
        let about =
            CallContext { agency: Some(consent.agency().0), priority: Priority::Interactive, ..CallContext::default() };
        let redirect = token_storage::redirect_uri(&app.settings.public_url)?;
        let tokens = ghl::auth::exchange(&app.ghl, &about, &code, &redirect, &Class::Company)
            .await
            .map_err(|error| refusal(&error))?;
        let adopted = token_storage::adopt(&app, &consent, tokens, arrival).await?;
        let told = told(&adopted);
        consents::connected(&app.db, hash, &told).await?;
        Ok::<_, Error>((adopted, told))
    });
    let (adopted, told) = work.await.map_err(web::internal_error)??;
    if matches!(adopted, Adopted::Unclaimed(_)) {
        // Without it, the page would show the install to nobody while the company is not connected.
        web::session::remember_claim(session, claim).await?;
    }
    Ok(told)
}

fn told(adopted: &Adopted) -> String {
    match adopted {
        Adopted::Company(Connected { name, resumed, future }) => {
            let warning = match future {
                Some(false) => {
                    " But \"Install to all future locations\" was not checked, so new clients can't be finished: connect again and check it."
                }
                _ => "",
            };
            format!(
                "{name} is connected. Its snapshots are being read; you find them under Snapshots.{}{warning}",
                kit::labels::integration::resumed_jobs_text(*resumed)
            )
        }
        Adopted::Location(name) => format!("The location {name} is connected."),
        Adopted::Unclaimed(name) => {
            format!("The app is installed on the location {name}, which no client of yours has yet. Claim it below.")
        }
    }
}

fn refusal(error: &ghl::Error) -> Error {
    tracing::warn!(%error, "the code was not exchanged");
    match error.verdict() {
        _ if matches!(error.kind, ghl::Kind::Held { .. }) => Error::Outside(
            "HighLevel is not answering for your agency just now, so nothing was sent and nothing was connected. Start again in a minute.".to_owned(),
        ),
        // The request was at fault, not HighLevel.
        ghl::Verdict::Refused => Error::Conflict(
            "HighLevel refused the code: it works once, for a short time. Nothing was connected. Start again.".to_owned(),
        ),
        _ => Error::Outside(
            "HighLevel did not answer, so we can't tell whether the consent went through. Start again; a second consent does no harm.".to_owned(),
        ),
    }
}

async fn back(session: &Session, context: &RequestContext, error: Error) -> Response {
    let Some(place) = context.agency() else { return problem::of(error) };
    let flash = Flash { operation: "connect".to_owned(), error: Some(error), ..Flash::default() };
    if let Err(cause) = flash.keep(session).await {
        tracing::warn!(%cause, "a refusal could not be told");
    }
    Redirect::to(&format!("/a/{}/connections", place.slug)).into_response()
}

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn what_is_no_code_costs_no_call() {
        assert!(is_code(&"0123456789abcdef".repeat(2)) && is_code("0123456789abcdef0123456789abcdef01234567"));
        for junk in ["", "x", "0123456789abcde", "0123456789abcdef\n", "0123456789abcdef ü", &"a".repeat(129)] {
            assert!(!is_code(junk), "{junk}");
        }
    }
}
