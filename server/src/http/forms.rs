//! Decides whether the caller may call a server function, by the same policy as pages, before the function runs. Turns
//! its JSON answer into what a browser without scripts needs: success redirects back or onward, failure returns to the
//! form with everything the user typed. The typed values wait in the session row for one reading and never appear in a
//! URL. For anonymous callers the session keeps only a few small fields.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::feature::operation_named;
use domain::network::Network;
use domain::permission::{EndpointKind, Needs, Rule, rule};
use tower_sessions::Session;
use web::flash::Flash;
use web::held_form::{Fields, HeldForm, Sent};
use web::request_context::RequestContext;
use web::{Error, State as AppState};

use super::limiter::Rate;
use super::proxies::RemoteCaller;
use super::{held_form, problem, uploads};

/// Largest form that is accepted, in bytes.
const LARGEST: usize = 256 * 1024;

/// How much of a failed form the session keeps.
#[derive(Clone, Copy, Debug)]
struct FormBudget {
    fields: usize,
    bytes: usize,
}

/// A signed-in person keeps the whole form.
const WHOLE: FormBudget = FormBudget { fields: usize::MAX, bytes: LARGEST };
/// An anonymous caller with a valid one-time link keeps all fields of that form.
const INVITED: FormBudget = FormBudget { fields: 64, bytes: 8 * 1024 };
/// Any other anonymous caller keeps only their e-mail address and destination, because each try costs a session row.
const ANONYMOUS: FormBudget = FormBudget { fields: 8, bytes: 1024 };

/// Number of failed forms of anonymous callers that are kept per network in `KEPT_IN`. Beyond it nothing is kept:
/// a failed form is answered at once with its error, without returning to the form. Forms that succeed are not
/// affected.
const KEPT: usize = 100;
const KEPT_IN: Duration = Duration::from_secs(600);

/// Counts the failed forms of anonymous callers by network.
pub struct AnonymousFormLimiter(Rate<Network>);

impl Default for AnonymousFormLimiter {
    fn default() -> Self {
        Self(Rate::new(KEPT_IN))
    }
}

impl AnonymousFormLimiter {
    fn limits(client: Option<&RemoteCaller>) -> Vec<(Network, u32)> {
        let limits = client.map(|client| client.limits(KEPT)).unwrap_or_default();
        limits.into_iter().map(|(network, most)| (network, u32::try_from(most).unwrap_or(u32::MAX))).collect()
    }
}

/// Serves the server functions under `/do/` and passes all other requests on.
pub async fn layer(
    State((app, anonymous)): State<(AppState, Arc<AnonymousFormLimiter>)>,
    session: Session,
    request: Request,
    next: Next,
) -> Response {
    let Some(name) = request.uri().path().strip_prefix("/do/") else { return next.run(request).await };
    let Some(known) = rule(EndpointKind::ServerFunction, name) else {
        tracing::error!(event = "access.function_without_policy", name, "a server function has no line in the policy");
        return problem::of(Error::NotFound);
    };
    let proves = name == held_form::PROOF;
    let known_person = web::session::proof(&session).await.is_ok_and(|proof| proof.is_some());
    let limits = AnonymousFormLimiter::limits(request.extensions().get::<RemoteCaller>().filter(|_| !known_person));
    let keeps = anonymous.0.wait(&limits).is_none();
    let (mut parts, body) = request.into_parts();
    let largest = parts.extensions.get::<uploads::Converted>().map_or(LARGEST, |_| uploads::LARGEST);
    let Ok(bytes) = to_bytes(body, largest).await else {
        return problem::answer(StatusCode::PAYLOAD_TOO_LARGE, "Form too large", "Send at most 256 KiB.");
    };
    let wants_page = problem::wants_page(&parts.headers);
    let back = return_address(&parts.headers);
    if wants_page {
        parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    }
    let again = (proves && wants_page).then(|| (parts.clone(), next.clone()));
    let answer = run(&app, parts, known, bytes.clone(), next).await;
    let failed = is_failure(&answer);
    if failed {
        anonymous.0.count(limits.into_iter().map(|(network, _)| network));
    } else if let Some((parts, next)) = again {
        return held_form::send(&app, &session, answer, (parts, &bytes), next).await;
    }
    match (wants_page, failed) {
        (false, false) => answer,
        (false, true) => with_true_status(answer).await,
        (true, false) => see_other(answer, &back),
        (true, true) => {
            let error = error_of(answer).await;
            if !keeps {
                return problem::of(error);
            }
            let (values, complete) = typed(&bytes, budget(known_person, known.needs, &error));
            let sent = Sent { values, complete, fields: None };
            let sent = if matches!(error, Error::StepUp) { sent.with_repeated(fields(&bytes)) } else { sent };
            return_failed(&session, known.path, error, sent, back).await
        }
    }
}

/// Runs a server function if the caller may call it.
pub(super) async fn run(app: &AppState, mut parts: Parts, rule: &Rule, bytes: Bytes, next: Next) -> Response {
    match authorize(app, &mut parts, rule, &bytes).await {
        Ok(()) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(error) => refused(&error),
    }
}

/// True if a server function answered with an error.
pub(super) fn is_failure(answer: &Response) -> bool {
    answer.status().is_client_error() || answer.status().is_server_error()
}

/// Authorises the caller in the agency or business that the form names, and keeps that tenant in the request context.
/// Requires a fresh proof of identity where the server function declares it.
async fn authorize(app: &AppState, parts: &mut Parts, rule: &Rule, bytes: &[u8]) -> Result<(), Error> {
    let context = parts.extensions.get_mut::<RequestContext>();
    let context = context.ok_or_else(|| web::internal_error("no request context in the request"))?;
    let confirmed = operation_named(rule.path).and_then(|operation| operation.confirmed).is_some();
    let field = match rule.needs {
        Needs::Nothing | Needs::Proof => return Ok(()),
        Needs::PendingSecondFactor => return context.pending_second_factor.map(|_| ()).ok_or(Error::SignIn),
        Needs::SecondFactorSetup => {
            context.may_set_up_second_factor().ok_or(Error::SignIn)?;
            // Whoever has to set up a factor to get in has just shown the password.
            return if confirmed && context.caller.is_some() { context.recent() } else { Ok(()) };
        }
        Needs::SignedIn | Needs::Platform(_) => None,
        Needs::Agency(_) => Some("agency"),
        Needs::Business(_) => Some("business"),
        Needs::Token(_) => return Err(Error::NotFound),
    };
    let caller = context.caller.clone().ok_or(Error::SignIn)?;
    let named = field.and_then(|field| value(bytes, field));
    match web::guard::authorize(app, &caller, rule.needs, named.as_deref()).await {
        Ok(tenant) => {
            let chosen = web::business_language::chosen(app, &caller, &tenant).await?;
            context.language = chosen.unwrap_or(context.language);
            context.tenant = tenant;
            if confirmed { context.recent() } else { Ok(()) }
        }
        Err(error) => {
            web::guard::note_denied(app, &caller, named.as_deref(), rule.path, &error).await;
            Err(error)
        }
    }
}

/// Every field of a form, in the order in which they were sent.
fn fields(bytes: &[u8]) -> Fields {
    serde_urlencoded::from_bytes(bytes).unwrap_or_default()
}

/// The value of one field of a form.
pub(super) fn value(bytes: &[u8], name: &str) -> Option<String> {
    fields(bytes).into_iter().find_map(|(key, value)| (key == name).then_some(value))
}

/// The answer of a server function that was not called.
fn refused(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}

/// Redirects back to the form with its error and typed values, or onward to the missing proof of identity.
pub(super) async fn return_failed(
    session: &Session,
    operation: &str,
    error: Error,
    sent: Sent,
    back: String,
) -> Response {
    let flash =
        |values| Flash { operation: operation.to_owned(), error: Some(error.clone()), values, ..Flash::default() };
    let (kept, target) = match error {
        Error::SignIn => (flash(sent.values).keep(session).await, leading_back("/login", &back)),
        // The form is held until the person has confirmed who they are, and sent then.
        Error::StepUp => (HeldForm::keep(session, &back, operation, sent).await, leading_back("/me/confirm", &back)),
        _ => (flash(sent.values).keep(session).await, back),
    };
    if let Err(cause) = kept {
        tracing::error!(%cause, "the session could not keep what was typed");
        return problem::answer(StatusCode::SERVICE_UNAVAILABLE, "Not saved", "Nothing was done. Try again.");
    }
    redirect(&target)
}

/// Returns how much of a failed form is kept. A form behind a one-time link reports invalid fields only after it
/// accepted the link.
const fn budget(known: bool, needs: Needs, error: &Error) -> FormBudget {
    match (needs, error) {
        _ if known => WHOLE,
        (Needs::Proof, Error::Invalid(_)) => INVITED,
        _ => ANONYMOUS,
    }
}

/// Returns path and query of the page that holds the form, or `/` if they are missing or not ours.
fn return_address(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let target = referer.and_then(|text| url::Url::parse(text).ok()).map(|url| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    });
    target.filter(|path| domain::redirect::is_local(path)).unwrap_or_else(|| "/".to_owned())
}

/// Returns the address of a page that leads on to `back` when it has done its part.
pub(super) fn leading_back(page: &str, back: &str) -> String {
    format!("{page}?{}", serde_urlencoded::to_string([("next", back)]).unwrap_or_default())
}

/// Returns the typed fields without secrets, within the budget, and whether these are all that was sent. A field that
/// does not fit is omitted completely.
fn typed(bytes: &[u8], mut budget: FormBudget) -> (BTreeMap<String, String>, bool) {
    let fields = fields(bytes);
    let sent = fields.len();
    let kept = fields.into_iter().filter(|(name, value)| {
        let size = name.len() + value.len();
        let fits = !Flash::is_secret(name) && budget.fields > 0 && size <= budget.bytes;
        if fits {
            budget = FormBudget { fields: budget.fields - 1, bytes: budget.bytes - size };
        }
        fits
    });
    let kept: BTreeMap<String, String> = kept.collect();
    // Of several fields with one name only the last is kept.
    let complete = kept.len() == sent;
    (kept, complete)
}

pub(super) async fn error_of(answer: Response) -> Error {
    let bytes = to_bytes(answer.into_body(), LARGEST).await.unwrap_or_default();
    serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| web::internal_error("a server function answered no error of ours"))
}

/// Gives the answer the status that its error means, for scripts.
async fn with_true_status(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    let bytes = to_bytes(body, LARGEST).await.unwrap_or_default();
    if let Ok(error) = serde_json::from_slice::<Error>(&bytes) {
        parts.status = StatusCode::from_u16(error.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}

pub(super) fn see_other(answer: Response, back: &str) -> Response {
    let chosen = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let mut response = redirect(chosen.as_deref().unwrap_or(back));
    for cookie in answer.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    if let Some(clear) = answer.headers().get("clear-site-data") {
        response.headers_mut().insert("clear-site-data", clear.clone());
    }
    response
}

/// Redirects to one of our own addresses, with status 303.
pub(super) fn redirect(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_kept() {
        let (kept, complete) = typed(b"email=a%40b.c&password=hunter2&new_password=x&code=123456&note=hi", WHOLE);
        assert!(!complete);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["email", "note"]);
    }

    #[test]
    fn little_is_kept_of_an_anonymous_caller() {
        let many = (0..300).map(|n| format!("f{n}=x&")).collect::<String>();
        assert_eq!(typed(many.as_bytes(), ANONYMOUS).0.len(), 8);
        assert_eq!(typed(many.as_bytes(), INVITED).0.len(), 64);
        assert_eq!(typed(many.as_bytes(), WHOLE).0.len(), 300);
        let long = format!("email=a%40b.c&junk={}&next=%2Fme", "x".repeat(200_000));
        assert_eq!(typed(long.as_bytes(), ANONYMOUS).0.keys().collect::<Vec<_>>(), ["email", "next"]);
        let halves = (0..9).map(|n| format!("f{n}={}&", "x".repeat(1000))).collect::<String>();
        assert_eq!((typed(halves.as_bytes(), ANONYMOUS).0.len(), typed(halves.as_bytes(), INVITED).0.len()), (1, 8));
        let bytes = |known, needs, error| budget(known, needs, &error).bytes;
        assert_eq!(bytes(true, Needs::Nothing, Error::SignIn), LARGEST);
        assert_eq!(bytes(false, Needs::Proof, Error::NotFound), 1024, "a link that is not right");
        assert_eq!(bytes(false, Needs::Nothing, Error::Invalid(Vec::new())), 1024);
        assert_eq!(bytes(false, Needs::Proof, Error::Invalid(Vec::new())), 8 * 1024);
    }

    #[test]
    fn a_form_returns_to_our_own_pages_only() {
        let from = |referer: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::REFERER, HeaderValue::from_static(referer));
            return_address(&headers)
        };
        assert_eq!(from("https://us.example/a/harbor?x=1"), "/a/harbor?x=1");
        assert_eq!(from("https://us.example//evil.example"), "/");
        assert_eq!(from("nonsense"), "/");
    }
}
