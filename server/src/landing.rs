//! Where does somebody belong who comes without a destination.

use app::visit::Visit;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use domain::identity::Place;
use domain::place::landing;

/// `GET /` and `GET /dashboard`: the person's own start page; while nobody runs the platform, how to begin.
pub async fn start(State(app): State<app::State>, Extension(visit): Extension<Visit>) -> Response {
    match (&visit.caller, visit.halfway) {
        (Some(caller), _) => Redirect::to(&landing(caller)).into_response(),
        (None, Some(halfway)) if halfway.enrolled => Redirect::to("/login/code").into_response(),
        (None, Some(_)) => Redirect::to("/me/second-factor").into_response(),
        (None, None) => match store::identity::has_super_admin(&app.db).await {
            Ok(false) => Redirect::to("/setup").into_response(),
            Ok(true) | Err(_) => Redirect::to("/login").into_response(),
        },
    }
}

/// `GET /integrations`: the connections of the person's first place.
pub async fn integrations(Extension(visit): Extension<Visit>) -> Response {
    let Some(caller) = visit.caller else { return Redirect::to("/login").into_response() };
    let target = caller.places.first().map_or_else(
        || landing(&caller),
        |place| match place {
            Place::Agency { slug, .. } => format!("/a/{slug}/connections"),
            Place::Business { id, .. } => format!("/b/{id}/integrations"),
        },
    );
    Redirect::to(&target).into_response()
}
