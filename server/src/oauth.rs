//! How does an agency connect HighLevel: consent there, a code back here, tokens stored at once.
//! A code works once and a refresh token dies with its use, so exchange and storing run in a task of their own that
//! ends even when the browser is gone. A callback without our state came from the marketplace and belongs to nobody
//! until a signed-in agency admin claims it; how many of those one address may bring, and how many are exchanged at once, is
//! bounded, for anybody can send one.

use std::sync::Arc;
use std::time::Duration;

use app::flash::Flash;
use app::identity::tries;
use app::visit::Visit;
use app::{Error, guard};
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::UserId;
use domain::place::AgencyPlace;
use ghl::auth::Class;
use outbound::{About, Priority};
use serde::Deserialize;
use store::tenant::TenantTx;
use store::throttle::{Key, Try};
use tower_sessions::Session;

use crate::connecting::{self, Adopted};
use crate::pages::Shared;
use crate::problem;

/// How long a consent may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// How many codes that nobody here asked for are exchanged at once.
pub const STRANGERS: usize = 2;

/// What the consent page sends back.
#[derive(Debug, Deserialize)]
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// `GET /api/integrations/ghl/connect?agency=ID`: remembers who asks and goes to HighLevel's consent page.
pub async fn connect(State(shared): State<Shared>, Extension(visit): Extension<Visit>, session: Session) -> Response {
    match begin(&shared, &visit, &session).await {
        Ok(address) => Redirect::to(&address).into_response(),
        Err(error) => back(&session, &visit, error).await,
    }
}

async fn begin(shared: &Shared, visit: &Visit, session: &Session) -> Result<String, Error> {
    let place = visit.agency().ok_or(Error::NotFound)?;
    let user = crate::gate::person(visit)?;
    if !shared.app.settings.highlevel_ready {
        return Err(Error::Conflict(
            "HighLevel is not set up on this installation: GHL_CLIENT_ID and GHL_CLIENT_SECRET are missing. Ask whoever runs the server.".to_owned(),
        ));
    }
    let state = app::identity::token::Secret::new();
    let new = store::oauth_states::NewState {
        hash: state.hash(),
        provider: "ghl",
        purpose: "connect",
        session: session_key(session)?,
        valid: PATIENCE,
    };
    let scope = guard::agency_scope(Some(user), place);
    let mut tx = TenantTx::begin(&shared.app.db, scope).await?;
    store::oauth_states::add(&mut tx, &new).await?;
    tx.commit().await?;
    let redirect = connecting::redirect_uri(&shared.app.settings.public_url)?;
    Ok(ghl::auth::authorize_url(&shared.app.ghl, &redirect, ghl::auth::SCOPES, state.expose()).to_string())
}

fn session_key(session: &Session) -> Result<[u8; 32], Error> {
    session.id().map(|id| crate::session::hash(&id)).ok_or(Error::SignIn)
}

/// `GET /api/integrations/ghl/callback`: the person comes back from the consent page.
pub async fn callback(
    State(shared): State<Shared>,
    Extension(visit): Extension<Visit>,
    session: Session,
    Query(answer): Query<Answer>,
) -> Response {
    let Some(shown) = answer.state.as_deref().filter(|state| !state.is_empty()) else {
        return without_state(&shared, &visit, &session, answer).await;
    };
    let hash = app::identity::token::hash(shown);
    let known = async {
        let key = session_key(&session)?;
        Ok::<_, Error>(store::oauth_states::consume(&shared.app.db, hash, key).await?)
    };
    let state = match known.await {
        Ok(Some(state)) => state,
        Ok(None) => {
            tracing::warn!(event = "oauth.state_refused", "a consent answer had no living state of this session");
            if let Err(error) = unasked(&shared, &visit).await {
                return problem::of(error);
            }
            return problem::of(Error::Conflict(
                "This consent was answered already, took longer than ten minutes or began in another browser. Nothing was connected. Start again from the connections page.".to_owned(),
            ));
        }
        Err(error) => return problem::of(error),
    };
    let caller = visit.caller.as_deref().filter(|caller| caller.user == state.user);
    let Some(caller) = caller else { return problem::of(Error::SignIn) };
    let needs = domain::permission::Needs::Agency(domain::permission::Action::ConnectionsManage);
    let place = match guard::standing(&shared.app, caller, needs, Some(&state.agency.to_string())).await {
        Ok(app::visit::Standing::Agency(place)) => place,
        Ok(_) => return problem::of(Error::NotFound),
        Err(error) => return problem::of(error),
    };
    let outcome = match (answer.code, answer.error) {
        (Some(code), None) => finish(&shared, &session, place.clone(), state.user, code).await,
        (_, Some(_)) => Err(Error::Conflict("You did not give consent, so nothing was connected.".to_owned())),
        (None, None) => Err(Error::Conflict("HighLevel sent no code, so nothing was connected. Try again.".to_owned())),
    };
    let flash = match outcome {
        Ok(told) => Flash { deed: "connect".to_owned(), notice: Some(told), ..Flash::default() },
        Err(error) => Flash { deed: "connect".to_owned(), error: Some(error), ..Flash::default() },
    };
    if let Err(cause) = flash.keep(&session).await {
        tracing::warn!(%cause, "the outcome of a consent could not be told");
    }
    Redirect::to(&format!("/a/{}/connections", place.slug)).into_response()
}

/// Exchanges the code and stores the tokens, whether or not the browser still waits.
async fn finish(
    shared: &Shared,
    session: &Session,
    place: AgencyPlace,
    user: UserId,
    code: String,
) -> Result<String, Error> {
    let app = shared.app.clone();
    let claim = app::identity::token::Secret::new().hash();
    let work = shared.server.tasks.spawn(async move {
        let about = About { agency: Some(place.id.0), priority: Priority::Interactive, ..About::default() };
        let redirect = connecting::redirect_uri(&app.settings.public_url)?;
        let tokens = ghl::auth::exchange(&app.ghl, &about, &code, &redirect, &Class::Company)
            .await
            .map_err(|error| refusal(&error))?;
        connecting::adopt(&app, Some(user), place.id, tokens, claim).await
    });
    match work.await.map_err(app::ours)?? {
        Adopted::Company(name, resumed) => Ok(format!(
            "{name} is connected. Its snapshots are being read; you find them under Snapshots.{}",
            app::integrations::going_on(resumed)
        )),
        Adopted::Location(name) => Ok(format!("The location {name} is connected.")),
        Adopted::Unclaimed(name) => {
            // Without it the page below would show the install to nobody while the company is not connected.
            app::session::remember_claim(session, claim).await?;
            Ok(format!(
                "The app is installed on the location {name}, which no client of yours has yet. Claim it below."
            ))
        }
    }
}

fn refusal(error: &ghl::Error) -> Error {
    tracing::warn!(%error, "the code was not exchanged");
    match error.verdict() {
        _ if matches!(error.kind, ghl::Kind::Held { .. }) => Error::Outside(
            "HighLevel is not answering for your agency just now, so nothing was sent and nothing was connected. Start again in a minute.".to_owned(),
        ),
        ghl::Verdict::Refused => Error::Outside(
            "HighLevel refused the code: it works once, for a short time. Nothing was connected. Start again.".to_owned(),
        ),
        _ => Error::Outside(
            "HighLevel did not answer, so we can't tell whether the consent went through. Start again; a second consent does no harm.".to_owned(),
        ),
    }
}

/// Takes a try of this address at a callback that nobody here asked for.
async fn unasked(shared: &Shared, visit: &Visit) -> Result<Try, Error> {
    let [taken] = tries::take(&shared.app.db, "consent", [Key::from_address("consent", &visit.ip)]).await?;
    Ok(taken)
}

/// An install that began in the marketplace: kept, unclaimed, until an agency admin says whose it is.
async fn without_state(shared: &Shared, visit: &Visit, session: &Session, answer: Answer) -> Response {
    let Some(code) = answer.code else {
        return problem::of(Error::Conflict("HighLevel sent no code, so nothing was connected.".to_owned()));
    };
    let asked = match unasked(shared, visit).await {
        Ok(asked) => asked,
        Err(error) => return problem::of(error),
    };
    let Ok(room) = Arc::clone(&shared.server.strangers).try_acquire_owned() else {
        return problem::answer(StatusCode::TOO_MANY_REQUESTS, "Busy", BUSY);
    };
    let app = shared.app.clone();
    let claim = app::identity::token::Secret::new().hash();
    let work = shared.server.tasks.spawn(async move {
        let about = About { priority: Priority::Interactive, ..About::default() };
        let redirect = connecting::redirect_uri(&app.settings.public_url)?;
        let tokens = ghl::auth::exchange(&app.ghl, &about, &code, &redirect, &Class::Company)
            .await
            .map_err(|error| refusal(&error))?;
        let kept = connecting::keep_unclaimed(&app, tokens, claim).await;
        drop(room);
        store::throttle::give_back(&app.db, asked).await?;
        kept
    });
    if let Err(cause) = app::session::remember_claim(session, claim).await {
        tracing::warn!(%cause, "the browser can't remember its install; an agency connected to the company still sees it");
    }
    let told = match work.await.map_err(app::ours) {
        Ok(Ok(name)) => format!("The install of {name} arrived. An agency admin claims it on the connections page."),
        Ok(Err(error)) | Err(error) => return problem::of(error),
    };
    let flash = Flash { deed: "connect".to_owned(), notice: Some(told), ..Flash::default() };
    if let Err(cause) = flash.keep(session).await {
        tracing::warn!(%cause, "an unclaimed install could not be told");
    }
    let target = if visit.caller.is_some() { "/integrations" } else { "/login?next=%2Fintegrations" };
    Redirect::to(target).into_response()
}

/// Told when there is no room for one more.
const BUSY: &str = "Several installs from the marketplace arrive just now, so nothing was asked of HighLevel and nothing was connected. Install the app again in a minute, or connect it from your agency's connections page.";

async fn back(session: &Session, visit: &Visit, error: Error) -> Response {
    let Some(place) = visit.agency() else { return problem::of(error) };
    let flash = Flash { deed: "connect".to_owned(), error: Some(error), ..Flash::default() };
    if let Err(cause) = flash.keep(session).await {
        tracing::warn!(%cause, "a refusal could not be told");
    }
    Redirect::to(&format!("/a/{}/connections", place.slug)).into_response()
}
