//! API handlers for imports: the sub-accounts that can be imported as clients, an import, and how it goes on.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::imports::NewImport;
use operations::{Refusal, imports};

use super::body::Body;
use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/sub-accounts/importable`: by name, with `view`, `q`, `cursor` and `limit`.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, Query(query): Query) -> Response {
    if let Some(answer) = unanswerable(&store::imports::LIST, &query) {
        return answer;
    }
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::imports::list(&mut tx, &query).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(page)
    };
    match work.await {
        Ok(page) => Json(page).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// `POST /api/v1/sub-accounts/import`: 202 with how it goes on.
pub async fn start(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Body { value: new }: Body<NewImport>,
) -> Response {
    match imports::start(&bearer.actor(&shared), &new).await {
        Ok(progress) => (StatusCode::ACCEPTED, Json(progress)).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// `GET /api/v1/sub-accounts/import`: how the present or last import goes on.
pub async fn progress(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>) -> Response {
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let list = store::imports::state(&mut tx).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(list.progress)
    };
    match work.await {
        Ok(progress) => Json(progress).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}
