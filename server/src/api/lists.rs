//! API handlers that list snapshots and businesses.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/snapshots`: lists the agency's snapshots by name.
pub async fn snapshots(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Query(query): Query,
) -> Response {
    if let Some(answer) = unanswerable(&store::snapshots::LIST, &query) {
        return answer;
    }
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::snapshots::list(&mut tx, &query).await?;
        tx.commit().await?;
        Ok::<_, store::Error>(page)
    };
    match work.await {
        Ok(page) => Json(page).into_response(),
        Err(error) => problem::refused(error.into()),
    }
}

/// `GET /api/v1/businesses`: lists the businesses that the token reaches, by name.
pub async fn businesses(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Query(query): Query,
) -> Response {
    if let Some(answer) = unanswerable(&store::businesses::LIST, &query) {
        return answer;
    }
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::businesses::list(&mut tx, &query).await?;
        tx.commit().await?;
        Ok::<_, store::Error>(page)
    };
    match work.await {
        Ok(page) => Json(page).into_response(),
        Err(error) => problem::refused(error.into()),
    }
}
