//! Redirects a person who opens `/` to the start page of their agency, business or platform area.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::access::landing;
use domain::identity::Membership;
use web::request_context::RequestContext;

/// `GET /` and `GET /dashboard`: redirects to the person's own start page, or to `/setup` while there is no super
/// admin.
pub async fn start(State(app): State<web::State>, Extension(context): Extension<RequestContext>) -> Response {
    match (&context.caller, context.pending_second_factor) {
        (Some(caller), _) => Redirect::to(&landing(caller)).into_response(),
        (None, Some(pending_second_factor)) if pending_second_factor.enrolled => {
            Redirect::to("/login/code").into_response()
        }
        (None, Some(_)) => Redirect::to("/me/second-factor").into_response(),
        (None, None) => match store::identity::has_super_admin(&app.db).await {
            Ok(false) => Redirect::to("/setup").into_response(),
            Ok(true) | Err(_) => Redirect::to("/login").into_response(),
        },
    }
}

/// `GET /integrations`: redirects to the integrations page of the person's first membership.
pub async fn integrations(Extension(context): Extension<RequestContext>) -> Response {
    let Some(caller) = context.caller else { return Redirect::to("/login").into_response() };
    let target = caller.memberships.first().map_or_else(
        || landing(&caller),
        |place| match place {
            Membership::Agency { slug, .. } => format!("/a/{slug}/connections"),
            Membership::Business { id, .. } => format!("/b/{id}/integrations"),
        },
    );
    Redirect::to(&target).into_response()
}
