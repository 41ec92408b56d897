//! Connects a channel of a business by a consent at Meta: the person consents there, the callback receives a code, and the
//! tokens are stored at once. A code works once, so exchange and storage run in a task that finishes even when the
//! browser disconnects. A repeated callback gets the result of the first one.

use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::access::BusinessAccess;
use domain::integration::Kind;
use domain::permission::{Needs, Right};
use domain::{BusinessId, ChannelChoiceId, UserId};
use meta::auth::{Returned, Way, consent_url, signup_url};
use operations::BusinessActor;
use operations::channels::{self, Answered, Consent, Found};
use operations::integrations::connect as consents;
use serde::Deserialize;
use store::oauth_states;
use tower_sessions::Session;
use url::{Url, form_urlencoded};
use web::flash::Flash;
use web::request_context::{CurrentTenant, RequestContext};
use web::{Error, guard};

use super::signup::{self, SetUp};
use super::{meta_accounts, renewal};
use crate::http::pages::Shared;
use crate::http::problem;

/// How often, and how many times, a second delivery checks whether the first one has ended: 20 s in all.
const LOOK: Duration = Duration::from_millis(250);
const LOOKS: usize = 80;

/// Which kind of channel is to be connected.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default, rename = "type")]
    kind: String,
    /// Whether a page of ours opened a window for it.
    #[serde(default)]
    window: bool,
}

/// `GET /api/integrations/meta/connect?business=ID&type=whatsapp|instagram|facebook`: remembers who asks and redirects to
/// Meta's consent page; with `&window=true` to WhatsApp's Embedded Signup, where this installation has it.
pub async fn connect(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Response {
    let kind = match wanted.kind.as_str() {
        "whatsapp" => Kind::Whatsapp,
        "instagram" => Kind::Instagram,
        "facebook" => Kind::Facebook,
        _ => return problem::of(Error::field("type", "Choose whatsapp, instagram or facebook.")),
    };
    match begin(&shared, &context, &session, (kind, wanted.window)).await {
        Ok(address) => leave(&address, wanted.window),
        Err(error) => back(&session, &context, error).await,
    }
}

async fn begin(
    shared: &Shared,
    context: &RequestContext,
    session: &Session,
    (kind, window): (Kind, bool),
) -> Result<Url, Error> {
    let CurrentTenant::Business(place) = &context.tenant else { return Err(Error::NotFound) };
    let user = crate::http::authentication::person(context)?;
    ready(shared)?;
    let way = way(shared, kind);
    let (address, state) = consent_page(shared, way, window)?;
    let binding = web::session::oauth_binding(session).await?;
    let actor = BusinessActor::new(shared.app.db.clone(), user, place.clone());
    channels::begin(&actor, kind, way == Way::InstagramLogin, state, binding).await?;
    Ok(address)
}

/// The address of Meta's page for a consent that begins, and the hash of the state that comes back from there. With `window`
/// it is that of WhatsApp's Embedded Signup, where this installation has it.
pub(super) fn consent_page(shared: &Shared, way: Way, window: bool) -> Result<(Url, [u8; 32]), Error> {
    let redirect = redirect_uri(&shared.app.settings.public_url)?;
    let secret = web::token::Secret::new();
    let window = window && way == Way::Whatsapp;
    let state = signup::state(secret.expose(), window);
    let signup = signup_url(&shared.app.meta, &redirect, &state).filter(|_| window);
    let address = signup.unwrap_or_else(|| consent_url(&shared.app.meta, way, &redirect, &state, true));
    Ok((address, web::token::hash(&state)))
}

/// Goes on to Meta's page. `window` says that a page of ours opened a window for it and keeps hold of it.
pub(super) fn leave(address: &Url, window: bool) -> Response {
    let leaving = Redirect::to(address.as_str());
    if window { (signup::opened(), leaving).into_response() } else { leaving.into_response() }
}

/// How an account of this kind is connected. Instagram accounts sign in with Instagram itself where it has an app here,
/// so that no Facebook page is needed.
pub(super) fn way(shared: &Shared, kind: Kind) -> Way {
    let has_instagram_app = !shared.app.meta.settings().instagram.app_id.is_empty();
    match kind {
        Kind::Whatsapp => Way::Whatsapp,
        Kind::Instagram if has_instagram_app => Way::InstagramLogin,
        Kind::Instagram => Way::InstagramByPage,
        _ => Way::Facebook,
    }
}

/// The address to which Meta sends people back. It must be the same in consent and exchange.
///
/// # Errors
/// When the public address is not a valid URL, which the start of the process refuses.
pub fn redirect_uri(origin: &str) -> Result<Url, Error> {
    Url::parse(&format!("{origin}/api/integrations/meta/callback")).map_err(web::internal_error)
}

/// Fails while this installation has no app at Meta, so that nothing is sent there.
pub(super) fn ready(shared: &Shared) -> Result<(), Error> {
    if shared.app.settings.meta_ready {
        return Ok(());
    }
    Err(Error::Conflict(
        "Messaging isn't set up here yet: META_APP_ID and META_APP_SECRET are missing. Ask your Slipway administrator."
            .to_owned(),
    ))
}

/// `GET /api/integrations/meta/callback`: the person comes back from the consent page.
pub async fn callback(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Response {
    let query: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    if signup::is_window(&query) {
        return signup::page();
    }
    let set_up = SetUp::read(&query);
    let state = query.iter().find(|(name, _)| name == "state").map_or("", |(_, value)| value.as_str());
    let returned = Returned::read(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    match answered(&shared, &context, &session, web::token::hash(state), (returned, set_up)).await {
        Ok((address, flash)) => {
            if let Err(cause) = flash.keep(&session).await {
                tracing::warn!(event = "oauth.outcome_not_kept", %cause, "the outcome of a consent could not be told");
            }
            Redirect::to(&address).into_response()
        }
        Err(Error::SignIn) if context.caller.is_none() => {
            let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &context.address).finish();
            Redirect::to(&format!("/login?{next}")).into_response()
        }
        Err(error) => problem::of(error),
    }
}

/// Handles the answer to a consent. Returns where the person goes on, and what they are told there.
async fn answered(
    shared: &Shared,
    context: &RequestContext,
    session: &Session,
    hash: [u8; 32],
    (returned, set_up): (Returned, SetUp),
) -> Result<(String, Flash), Error> {
    let unknown = || {
        Error::Conflict(
            "This took longer than ten minutes or started in another browser. Nothing was connected. Start again under Connections.".to_owned(),
        )
    };
    let key = web::session::known_oauth_binding(session).await?.ok_or_else(unknown)?;
    if let Some(by_link) = channels::renewal(&shared.app.db, hash, key).await? {
        return renewal::answered(shared, by_link, (hash, key), (returned, set_up)).await;
    }
    if context.caller.is_none() {
        return Err(Error::SignIn);
    }
    let Some(answered) = channels::answer(&shared.app.db, hash, key).await? else {
        return repeated(shared, context, hash, key).await?.ok_or_else(unknown);
    };
    let allowed = place(shared, context, Some(answered.user()), answered.business()).await;
    let consent = match allowed.and_then(|place| Ok(answered.allowed(&place)?)) {
        Ok(consent) => consent,
        Err(error) => {
            consents::refused(&shared.app.db, hash, &error.to_string()).await?;
            return Err(error);
        }
    };
    let home = format!("/b/{}/integrations", answered.business());
    let outcome = match returned {
        Returned::Code(code) => finish(shared, &answered, consent, (code, set_up), hash).await,
        Returned::Denied => Err(Error::Conflict("You canceled at Meta. Nothing was changed.".to_owned())),
        Returned::Failed => Err(Error::Conflict("Meta sent no code, so nothing was connected. Try again.".to_owned())),
    };
    Ok(match outcome {
        Ok((told, Some(choice))) => (format!("{home}/choose/{choice}"), notice(told)),
        Ok((told, None)) => (home, notice(told)),
        Err(error) => {
            consents::refused(&shared.app.db, hash, &error.to_string()).await?;
            (home, Flash { operation: "connect_channel".to_owned(), error: Some(error), ..Flash::default() })
        }
    })
}

fn notice(told: String) -> Flash {
    Flash {
        operation: "connect_channel".to_owned(),
        notice: Some(told).filter(|told| !told.is_empty()),
        ..Flash::default()
    }
}

/// The business that a consent is for, if the person who comes back may still connect its channels. With `user`, it must
/// be that person.
async fn place(
    shared: &Shared,
    context: &RequestContext,
    user: Option<UserId>,
    business: BusinessId,
) -> Result<BusinessAccess, Error> {
    let caller = context.caller.as_deref().filter(|caller| user.is_none_or(|user| caller.user == user));
    let caller = caller.ok_or(Error::SignIn)?;
    let needs = Needs::Business(Right::ChannelsConnect);
    match guard::authorize(&shared.app, caller, needs, Some(&business.to_string())).await? {
        CurrentTenant::Business(place) => Ok(place),
        _ => Err(Error::NotFound),
    }
}

/// What a second delivery shows: the outcome of the first one, for which it waits while that one is still running.
/// `None` if this session never answered this consent.
async fn repeated(
    shared: &Shared,
    context: &RequestContext,
    hash: [u8; 32],
    key: [u8; 32],
) -> Result<Option<(String, Flash)>, Error> {
    let mut open = None;
    for _ in 0..LOOKS {
        let Some(first) = oauth_states::answered(&shared.app.db, hash, key).await? else { return Ok(None) };
        let Some(business) = first.business else { return Ok(None) };
        open = Some(business);
        let Some(connected) = first.connected else {
            tokio::time::sleep(LOOK).await;
            continue;
        };
        let place = place(shared, context, None, business).await?;
        if let Some(choice) = choice(shared, context, place, connected && first.told.as_deref() == Some("")).await? {
            return Ok(Some((format!("/b/{business}/integrations/choose/{choice}"), notice(String::new()))));
        }
        let told = format!("This consent has been answered already. {}", first.told.unwrap_or_default());
        let flash = match connected {
            true => notice(told),
            false => Flash {
                operation: "connect_channel".to_owned(),
                error: Some(Error::Conflict(told)),
                ..Flash::default()
            },
        };
        return Ok(Some((format!("/b/{business}/integrations"), flash)));
    }
    let Some(business) = open else { return Ok(None) };
    place(shared, context, None, business).await?;
    let told =
        "Meta's answer is still being processed, or it was lost. If nothing appears here in a minute, connect again.";
    Ok(Some((format!("/b/{business}/integrations"), notice(told.to_owned()))))
}

/// The choice that the first delivery led to, if it led to one and the person still has it.
async fn choice(
    shared: &Shared,
    context: &RequestContext,
    place: BusinessAccess,
    led_to_one: bool,
) -> Result<Option<ChannelChoiceId>, Error> {
    let Some(caller) = context.caller.as_deref().filter(|_| led_to_one) else { return Ok(None) };
    let actor = BusinessActor::new(shared.app.db.clone(), caller.user, place);
    Ok(channels::open_choice(&actor).await?)
}

/// How a consent for this kind was begun.
pub(super) const fn way_of(kind: Kind, instagram_login: bool) -> Way {
    match (kind, instagram_login) {
        (Kind::Whatsapp, _) => Way::Whatsapp,
        (Kind::Instagram, true) => Way::InstagramLogin,
        (Kind::Instagram, false) => Way::InstagramByPage,
        _ => Way::Facebook,
    }
}

/// Exchanges the code, finds the accounts and stores what was found, even if the browser disconnects. Returns what the
/// person is told, and the choice that they still have.
async fn finish(
    shared: &Shared,
    answered: &Answered,
    consent: Consent,
    (code, set_up): (String, SetUp),
    hash: [u8; 32],
) -> Result<(String, Option<ChannelChoiceId>), Error> {
    let app = shared.app.clone();
    let way = way_of(answered.kind(), answered.instagram_login());
    let work = shared.server.tasks.spawn(async move {
        let redirect = redirect_uri(&app.settings.public_url)?;
        let (accounts, tokens) = meta_accounts::of_code(&app.meta, way, &consent, &code, &redirect).await?;
        let accounts = set_up.among(consent.kind(), accounts);
        let found = channels::found(&app.db, &app.vault, &consent, accounts, tokens).await?;
        let (told, choice) = match found {
            Found::Connecting { name, left, .. } => (connecting(&name, left.as_deref()), None),
            Found::Choose(choice) => (String::new(), Some(choice)),
        };
        consents::connected(&app.db, hash, &told).await?;
        Ok::<_, Error>((told, choice))
    });
    work.await.map_err(web::internal_error)?
}

/// What a person hears whose account is being connected. `left` is another one that they may have meant.
fn connecting(name: &str, left: Option<&str>) -> String {
    let told = format!("{name} is being connected. The checklist below updates by itself.");
    match left {
        Some(left) => format!("{told} {left} is another account and still has to be reconnected."),
        None => told,
    }
}

async fn back(session: &Session, context: &RequestContext, error: Error) -> Response {
    let CurrentTenant::Business(place) = &context.tenant else { return problem::of(error) };
    let flash = Flash { operation: "connect_channel".to_owned(), error: Some(error), ..Flash::default() };
    if let Err(cause) = flash.keep(session).await {
        tracing::warn!(event = "oauth.outcome_not_kept", %cause, "a refusal could not be told");
    }
    Redirect::to(&format!("/b/{}/integrations", place.id)).into_response()
}
