//! Authentication layer: builds the `RequestContext` of each request and decides before rendering whether the page
//! may be shown. The status of a page cannot change after its first byte, so no later code decides.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::UserId;
use domain::identity::{Caller, Membership};
use domain::language::Language;
use domain::permission::{EndpointKind, Needs, Right, rule};
use tower_sessions::Session;
use web::Error;
use web::State;
use web::flash::Flash;
use web::request_context::{CurrentTenant, PendingSecondFactor, Refusal, RequestContext};
use web::session::{Proof, proof};

use super::load_shedding::{self, LoadShedder, Share};
use super::nowhere;
use super::problem;
use super::proxies::RemoteCaller;
use super::recent_changes::RecentChanges;

/// Builds the request context and passes the request on, or redirects to sign-in. Every audit entry written during the
/// request carries its id, address and session.
pub async fn layer(Shared(state): Shared<State>, session: Session, request: Request, next: Next) -> Response {
    let context = store::audit::Context {
        request_id: Some(super::trace::current_request()),
        ip: client(&request),
        session_ref: session.id().map(|id| hex::encode(&super::session::hash(&id)[..8])),
        token: None,
    };
    super::session::with_known(store::audit::within(context, admit(state, session, request, next))).await
}

async fn admit(state: State, session: Session, mut request: Request, next: Next) -> Response {
    let mut context = arrived(&session, &request);
    if let Err(error) = identify(&state, &session, &mut context, is_act(&request)).await {
        return problem::of(error);
    }
    let Some(_share) = share(&request, &context) else { return load_shedding::agency_over_share() };
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(path) = matched.as_deref().filter(|path| is_page && policy(path).is_none()) {
        return unlisted(path);
    }
    if let Some(found) = matched.as_deref().filter(|_| is_page).and_then(policy) {
        let is_nowhere = nowhere::rule(found.path).is_some();
        if is_nowhere && !nowhere::has_reader(&context, request.headers()) {
            return problem::of(Error::NotFound);
        }
        if let Some(elsewhere) = sign_in_first(&context, found.needs) {
            return redirect(&with_reason(&state, &context, elsewhere).await);
        }
        decide(&state, &mut context, found.needs, found.path, request.uri().path()).await;
        if found.kind == EndpointKind::Page && (!is_nowhere || context.denied.is_none()) {
            context.steps = match web::first_steps::left(&state, &context).await {
                Ok(steps) => steps,
                Err(error) => return problem::of(error),
            };
            // An automatic refresh and a page that is fetched ahead do not consume the flash message; the navigation that
            // follows the form shows it.
            context.refresh = text(request.headers(), HeaderName::from_static("sec-fetch-dest")) == "empty";
            let regions = text(request.headers(), HeaderName::from_static(kit::region::HEADER));
            context.regions =
                Some(regions.chars().take(500).collect()).filter(|_| context.refresh && !regions.is_empty());
            match web::notifications::unread(&state, &context).await {
                Ok(unread) => context.unread = unread,
                Err(error) => return problem::of(error),
            }
            match if context.refresh || context.prefetch { Ok(None) } else { Flash::take(&session).await } {
                Ok(flash) => context.flash = flash,
                Err(cause) => return problem::of(web::internal_error(cause)),
            }
        } else if let Some(denied) = context.denied.take() {
            return problem::of(denied);
        }
    }
    let (agency, business) = match &context.tenant {
        CurrentTenant::Agency(place) => (Some(place.id), None),
        CurrentTenant::Business(place) => (Some(place.agency), Some(place.id)),
        _ => (None, None),
    };
    super::trace::belongs_to(context.caller.as_ref().map(|caller| caller.user), agency, business);
    request.extensions_mut().insert(context);
    next.run(request).await
}

/// Takes a permit from the share of the person's agency, or returns nothing while that share is used up. For a person
/// of several agencies the first one counts; a person without an agency needs no permit.
fn share(request: &Request, context: &RequestContext) -> Option<Option<Share>> {
    let agency = context.caller.as_ref().and_then(|caller| caller.memberships.first()).map(|place| match place {
        Membership::Agency { id, .. } => *id,
        Membership::Business { agency, .. } => *agency,
    });
    match (request.extensions().get::<Arc<LoadShedder>>(), agency) {
        (Some(shedder), Some(agency)) => shedder.tenant(agency).map(Some),
        _ => Some(None),
    }
}

/// The request context before the session is read.
fn arrived(session: &Session, request: &Request) -> RequestContext {
    let client = request.extensions().get::<RemoteCaller>().cloned();
    let prefetch = is_prefetch(request);
    let (scheme, host) = client.as_ref().map(|client| (client.scheme.clone(), client.host.clone())).unwrap_or_default();
    RequestContext {
        theme: theme(request.headers()),
        language: Language::accepted(text(request.headers(), header::ACCEPT_LANGUAGE)).unwrap_or_default(),
        request_id: super::trace::current_request(),
        address: request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        ip: client.map_or_else(|| "unknown".to_owned(), |client| client.ip.to_string()),
        scheme,
        host,
        agent: text(request.headers(), header::USER_AGENT).chars().take(200).collect(),
        session: session.id().map(|id| super::session::hash(&id)),
        // Read before any data of the page. One that is fetched ahead may be old when it is opened, so it reads anew then.
        version: request.extensions().get::<RecentChanges>().filter(|_| !prefetch).map(RecentChanges::version),
        prefetch,
        ..RequestContext::default()
    }
}

/// Answers a GET of something that is not a page: the URL of a form, or a route without a policy line.
fn unlisted(path: &str) -> Response {
    if path.starts_with("/do/") {
        tracing::debug!(event = "access.form_opened", route = path, "the address of a form was opened");
        return problem::answer(
            StatusCode::METHOD_NOT_ALLOWED,
            "Not possible here",
            "This address only accepts forms, so there's nothing to see here. Nothing was changed.",
        );
    }
    tracing::error!(event = "access.route_without_policy", route = path, "a route has no line in the policy");
    problem::of(Error::NotFound)
}

/// Returns the policy line for a path that is a page or a route for people, or the rule for an address that no page has.
fn policy(path: &str) -> Option<&'static domain::permission::Rule> {
    rule(EndpointKind::Page, path).or_else(|| rule(EndpointKind::Route, path)).or_else(|| nowhere::rule(path))
}

/// Reads the session and puts its person into the context. Ends the session if the person lost their access.
async fn identify(state: &State, session: &Session, context: &mut RequestContext, acts: bool) -> Result<(), Error> {
    let Some(proof) = proof(session).await? else { return Ok(()) };
    let (known, is_recorded) = match super::session::known(proof.user) {
        Some(known) => (Some((known.caller, known.generation)), known.is_recorded),
        None => (store::identity::signed_in(&state.db, proof.user).await?, false),
    };
    let lives = |now: i32| proof.generation.is_none_or(|began| began == now);
    let Some((caller, _)) = known.filter(|(_, generation)| lives(*generation)) else {
        // The account was disabled or deleted, or all its sessions were ended after this session's proof of
        // identity. End this session too.
        session.flush().await?;
        return Ok(());
    };
    context.proven_ago = Some(proof.ago(web::clock::now()));
    context.language = caller.language.unwrap_or(context.language);
    if let Some(hash) = context.session.filter(|_| acts && !is_recorded) {
        store::sessions::touch(&state.db, hash, proof.user).await?;
    }
    match missing_factor(state, &caller, &proof) {
        Some(pending_second_factor) => context.pending_second_factor = Some(pending_second_factor),
        None => context.caller = Some(Arc::new(caller)),
    }
    Ok(())
}

/// True if the browser fetches a page ahead, which nobody may ever look at.
fn is_prefetch(request: &Request) -> bool {
    let purpose = text(request.headers(), HeaderName::from_static("sec-purpose"));
    purpose.split([';', ',']).any(|word| word.trim() == "prefetch")
}

/// True if the request is an action of a person. Automatic refreshes of a page do not extend the session.
fn is_act(request: &Request) -> bool {
    *request.method() == Method::POST
        || !is_prefetch(request) && text(request.headers(), HeaderName::from_static("sec-fetch-mode")) == "navigate"
}

fn missing_factor(state: &State, caller: &Caller, proof: &Proof) -> Option<PendingSecondFactor> {
    let wanted = caller.mfa_enrolled || (state.settings.require_staff_mfa && caller.is_staff());
    (wanted && !proof.second_factor).then_some(PendingSecondFactor { user: caller.user, enrolled: caller.mfa_enrolled })
}

/// Returns the page to redirect to if the person is not signed in or their second factor is missing.
fn sign_in_first(context: &RequestContext, needs: Needs) -> Option<String> {
    let open = matches!(needs, Needs::Nothing | Needs::Proof | Needs::Token(_));
    if open || context.caller.is_some() {
        return None;
    }
    match context.pending_second_factor {
        Some(PendingSecondFactor { enrolled: true, .. }) => Some("/login/code".to_owned()),
        Some(_) if needs == Needs::SecondFactorSetup => None,
        Some(_) => Some("/me/second-factor".to_owned()),
        None => {
            Some(format!("/login?{}", serde_urlencoded::to_string([("next", &context.address)]).unwrap_or_default()))
        }
    }
}

/// Adds to the address of the sign-in page for how many minutes the session was left unused, if it ended by that.
async fn with_reason(state: &State, context: &RequestContext, page: String) -> String {
    let Some(session) = context.session.filter(|_| page.starts_with("/login?")) else { return page };
    match store::sessions::idled_out(&state.db, session).await {
        Ok(Some(idle)) => format!("{page}&idle={}", idle.as_secs() / 60),
        Ok(None) => page,
        Err(error) => {
            tracing::warn!(event = "session.reason_unknown", %error, "why a session ended could not be read");
            page
        }
    }
}

async fn decide(state: &State, context: &mut RequestContext, needs: Needs, pattern: &str, path: &str) {
    let Some(caller) = context.caller.clone() else { return };
    let asked = if matches!(needs, Needs::Business(_)) { "business" } else { "agency" };
    let named = named(pattern, path).or_else(|| query(&context.address, asked));
    match web::guard::authorize(state, &caller, needs, named.as_deref()).await {
        Ok(tenant) => {
            match web::business_language::chosen(state, &caller, &tenant).await {
                Ok(chosen) => context.language = chosen.unwrap_or(context.language),
                Err(error) => context.denied = Some(error),
            }
            context.tenant = tenant;
        }
        Err(error) => {
            tracing::warn!(event = "access.denied", user = %caller.user, route = pattern, %error, "a page was refused");
            web::guard::note_denied(state, &caller, named.as_deref(), pattern, &error).await;
            context.tenant = CurrentTenant::NoTenant;
            context.refusal = match error {
                Error::Forbidden(_) => refusal(state, &caller, needs, named.as_deref()).await,
                _ => None,
            };
            // The page is refused whether or not the language of its business can be read.
            if let Some(refusal) = &context.refusal
                && let Ok(Some(chosen)) = web::business_language::chosen(state, &caller, &refusal.near).await
            {
                context.language = chosen;
            }
            context.denied = Some(error);
        }
    }
}

/// Describes a refusal inside the caller's own agency or business, for the frame of the refusal page.
async fn refusal(state: &State, caller: &Caller, needs: Needs, named: Option<&str>) -> Option<Refusal> {
    let (right, entry) = match needs {
        Needs::Platform(right) => (right, Needs::Platform(Right::PlatformRead)),
        Needs::Agency(right) => (right, Needs::Agency(Right::AgencyRead)),
        Needs::Business(right) => (right, Needs::Business(Right::BusinessRead)),
        _ => return None,
    };
    let near = web::guard::authorize(state, caller, entry, named).await.ok()?;
    let owners = web::no_access::owners(state, caller, &near).await;
    Some(Refusal { near, right, owners })
}

/// Returns the agency or business that an address names: the segment where the pattern has `{agency}` or
/// `{business}`.
///
/// The agency's page about one business has both segments. The first one, the agency, is returned.
fn named(pattern: &str, path: &str) -> Option<String> {
    pattern
        .split('/')
        .zip(path.split('/'))
        .find(|(part, _)| matches!(*part, "{agency}" | "{business}"))
        .map(|(_, value)| value.to_owned())
}

fn query(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    serde_urlencoded::from_str::<Vec<(String, String)>>(query)
        .ok()?
        .into_iter()
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Returns the theme from the `theme` cookie: `light` or `dark`, else `system`.
pub fn theme(headers: &HeaderMap) -> String {
    text(headers, header::COOKIE)
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("theme="))
        .filter(|theme| matches!(*theme, "light" | "dark"))
        .unwrap_or("system")
        .to_owned()
}

fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Returns the caller's IP address, as the proxies layer determined it.
pub(crate) fn client(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<RemoteCaller>().map(|client| client.ip)
}

fn redirect(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or_else(|_| HeaderValue::from_static("/login"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

/// Returns the signed-in person, for routes that are neither pages nor server functions.
///
/// # Errors
/// [`Error::SignIn`] when nobody is signed in.
pub fn person(context: &RequestContext) -> Result<UserId, Error> {
    context.caller.as_ref().map(|caller| caller.user).ok_or(Error::SignIn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_named_tenant_wins() {
        assert_eq!(named("/a/{agency}/clients/{business}", "/a/harbor/clients/x").as_deref(), Some("harbor"));
        assert_eq!(named("/b/{business}", "/b/bright").as_deref(), Some("bright"));
        assert_eq!(named("/admin", "/admin"), None);
    }

    #[test]
    fn a_theme_is_one_of_three() {
        let with = |cookie: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            theme(&headers)
        };
        assert_eq!(with("sid=1; theme=dark"), "dark");
        assert_eq!(with("theme=\"><script>"), "system");
    }
}
