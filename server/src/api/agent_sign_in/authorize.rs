//! A program sends a person here with its request. A good one waits in their session while they sign in and are asked; a bad one
//! is answered at once. It leads nowhere, because anybody can make a link with an address of their own
//! (OAuth 2.1 section 7.12.2).

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use domain::agent_sign_in::{Asked, Fault, Parameters, Program, is_address};
use operations::throttle;
use store::throttle::Key;
use tower_sessions::Session;
use web::Error;
use web::agent_request::AgentRequest;
use web::request_context::RequestContext;

use super::form::Form;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /oauth/authorize`.
pub async fn authorize(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    session: Session,
    uri: Uri,
) -> Response {
    let Ok(form) = Form::read(uri.query().unwrap_or_default().as_bytes()) else {
        return refused("The address holds a parameter twice.");
    };
    let client = match client(&shared, &context, form.get("client_id")).await {
        Ok(Some(client)) => client,
        Ok(None) => return refused("Its description cannot be read at its own address. Try again in a minute."),
        Err(error) => return problem::of(error),
    };
    let sent = Parameters {
        client: &client,
        redirect: form.get("redirect_uri"),
        challenge: form.get("code_challenge"),
        state: form.get("state"),
        resource: form.get("resource"),
    };
    if let Err(why) = check(&form, &sent, &shared.server.config.origin()) {
        return refused(why);
    }
    match keep(&shared, &context, &session, &sent).await {
        Ok(request) => Redirect::to(&format!("/oauth/consent?request={}", request.id)).into_response(),
        Err(error) => problem::of(error),
    }
}

/// The id that says what is known of a program. One that is an address is read there; `None` if it cannot be. What only such a
/// document may say is believed of nobody else.
async fn client(shared: &Shared, context: &RequestContext, told: &str) -> Result<Option<String>, Error> {
    if !is_address(told) {
        let is_forged = Program::parse(told).is_some_and(|program| program.document.is_some());
        return Ok((!is_forged).then(|| told.to_owned()));
    }
    let documents = &shared.server.documents;
    if let Some(program) = documents.known(told) {
        return Ok(Some(program.id()));
    }
    let keys = Key::from_address("agent_document", &context.ip);
    let taken = throttle::take_each(&shared.app.db, "agent_document", &keys).await?;
    let person = context.caller.as_ref().map(|caller| caller.user);
    let program = documents.read(told, person).await;
    // Colleagues share an address, day after day: of those who are signed in only what was read in vain counts.
    if program.is_some() && person.is_some() {
        throttle::give_back(&shared.app.db, taken).await?;
    }
    Ok(program.map(|program| program.id()))
}

/// Checks a request. Its scope is not looked at: every grant is for the tools, and says so. The error is a sentence for the
/// person whom the program sent.
fn check(form: &Form, sent: &Parameters<'_>, origin: &str) -> Result<(), &'static str> {
    Asked::check(sent, origin).map_err(|fault| match fault {
        Fault::Program => {
            "It is not registered here, or with an older address. Remove the connection there and add it again."
        }
        Fault::Redirect => "It wants you led back to an address that it did not register.",
        Fault::Challenge => "It sent no code_challenge of the kind S256.",
        Fault::State => "Its state is too long, or no printable text.",
        Fault::Resource => "It asks for something else than the AI tools of this installation.",
    })?;
    if form.get("response_type") != "code" {
        return Err("It does not ask for a code.");
    }
    if form.get("code_challenge_method") != "S256" {
        return Err("Its code_challenge is not of the kind S256.");
    }
    Ok(())
}

/// Keeps a request in the session. What strangers keep is counted by their address.
async fn keep(
    shared: &Shared,
    context: &RequestContext,
    session: &Session,
    sent: &Parameters<'_>,
) -> Result<AgentRequest, Error> {
    if context.caller.is_none() {
        let keys = Key::from_address("agent_sign_in", &context.ip);
        throttle::take_each(&shared.app.db, "agent_sign_in", &keys).await?;
    }
    let request = AgentRequest::new(sent);
    request.keep(session).await?;
    Ok(request)
}

fn refused(why: &str) -> Response {
    let detail = format!("The AI agent sent you here with a request that cannot be answered. {why}");
    problem::answer(StatusCode::BAD_REQUEST, "This AI agent cannot be connected", &detail)
}
