//! Serves the logos of agencies. They stand in mails and on invitations, so everybody may see them. Each is a PNG
//! that we wrote ourselves, and a new one has another address.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::AgencyId;
use web::Error;
use web::State as AppState;

use super::problem;

/// `GET /brand/{id}`: the logo of the agency with this id.
pub async fn logo(State(state): State<AppState>, Path(id): Path<String>) -> Response {
    let Ok(agency) = id.parse::<AgencyId>() else { return problem::of(Error::NotFound) };
    match store::agencies::logo(&state.db, agency).await {
        Ok(Some(image)) => {
            let png = HeaderValue::from_static("image/png");
            let cached = HeaderValue::from_static("public, max-age=86400");
            let headers = [(header::CONTENT_TYPE, png), (header::CACHE_CONTROL, cached)];
            (StatusCode::OK, headers, image).into_response()
        }
        Ok(None) => problem::of(Error::NotFound),
        Err(error) => problem::of(error.into()),
    }
}
