//! Sends the form that waited for a fresh proof of identity, as soon as the proof is given: the person does not send
//! it again.

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::permission::{EndpointKind, Rule, rule};
use operations::identity::confirmation::{claim_form, release_form};
use tower_sessions::Session;
use uuid::Uuid;
use web::State as AppState;
use web::flash::Flash;
use web::held_form::{HeldForm, Sent};
use web::request_context::{CurrentTenant, RequestContext};

use super::{forms, problem, trace};

/// The server function that accepts the proof.
pub const PROOF: &str = "confirm_identity";
/// What a person is told whose form could not be kept whole.
const SEND_AGAIN: &str = "Confirmed. Fill in what is missing and send the form again.";

/// Sends the form that the accepted proof was asked for. `proved` is the answer to the proof, `request` are the head and
/// the body of its request. Without such a form this answers as the proof did.
pub async fn send(
    app: &AppState,
    session: &Session,
    proved: Response,
    (mut parts, bytes): (Parts, &[u8]),
    next: Next,
) -> Response {
    let id = forms::value(bytes, "form").and_then(|id| Uuid::try_parse(&id).ok());
    let held = match id {
        Some(id) => HeldForm::take(session, id).await,
        None => Ok(None),
    };
    let held = match held {
        Ok(Some(held)) => held,
        Ok(None) => return forms::see_other(proved, "/"),
        Err(error) => return problem::of(web::internal_error(error)),
    };
    let Some(fields) = held.whole() else {
        let form = Flash { notice: Some(SEND_AGAIN.to_owned()), ..held.form };
        return match form.keep(session).await {
            Ok(()) => forms::see_other(proved, &held.page),
            Err(error) => problem::of(web::internal_error(error)),
        };
    };
    let Some(known) = rule(EndpointKind::ServerFunction, &held.form.operation) else {
        return forms::see_other(proved, &held.page);
    };
    let Ok(body) = serde_urlencoded::to_string(&fields).map(Bytes::from) else {
        return problem::of(web::internal_error("a held form cannot be encoded"));
    };
    if let Err(error) = become_form(&mut parts, known.path, body.len()) {
        return problem::of(error);
    }
    let work = run_claimed(app.clone(), held.id, (parts, body), known, next);
    match run_to_end(work).await {
        Ok(Some(answer)) => with_cookies(answered(session, answer, held).await, &proved),
        Ok(None) => forms::see_other(proved, &held.page),
        Err(error) => problem::of(error),
    }
}

/// Runs the work even if its request is gone: a form that was claimed is sent, whether or not the browser still waits.
async fn run_to_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, web::Error>> + Send + 'static,
) -> Result<T, web::Error> {
    let work = store::audit::within(store::audit::current(), work);
    tokio::spawn(trace::carried(work)).await.map_err(web::internal_error)?
}

/// Claims the form and sends it. `None` if another request has claimed it. The claim is given back if nothing was done,
/// so that the form can be sent once more.
async fn run_claimed(
    app: AppState,
    id: Uuid,
    (parts, body): (Parts, Bytes),
    rule: &'static Rule,
    next: Next,
) -> Result<Option<Response>, web::Error> {
    if !claim_form(&app.db, id).await? {
        return Ok(None);
    }
    let answer = forms::run(&app, parts, rule, body, next).await;
    if forms::is_failure(&answer)
        && let Err(cause) = release_form(&app.db, id).await
    {
        tracing::warn!(event = "form.claim_kept", ?cause, "a form that was refused cannot be sent again by itself");
    }
    Ok(Some(answer))
}

/// What the browser is told of a form that was sent.
async fn answered(session: &Session, answer: Response, held: HeldForm) -> Response {
    let HeldForm { page, form, .. } = held;
    if forms::is_failure(&answer) {
        let error = forms::error_of(answer).await;
        let sent = Sent::whole(form.values);
        return forms::return_failed(session, &form.operation, error, sent, page).await;
    }
    forms::see_other(answer, &page)
}

/// Turns the head of the proof's request into that of the form: the same browser, person and session, just proved.
fn become_form(parts: &mut Parts, operation: &str, length: usize) -> Result<(), web::Error> {
    parts.uri = format!("/do/{operation}").parse::<Uri>().map_err(web::internal_error)?;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    let context = parts.extensions.get_mut::<RequestContext>();
    let context = context.ok_or_else(|| web::internal_error("no request context in the request"))?;
    context.proven_ago = Some(0);
    context.tenant = CurrentTenant::NoTenant;
    context.flash = None;
    Ok(())
}

/// Adds the cookies that the proof set.
fn with_cookies(mut answer: Response, proved: &Response) -> Response {
    for cookie in proved.headers().get_all(header::SET_COOKIE) {
        answer.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    answer
}
