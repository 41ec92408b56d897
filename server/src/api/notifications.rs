//! API handlers for notifications: those of whoever made the token. A token that no person made has none.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::NotificationId;
use domain::page::Page;
use operations::{Refusal, notifications};

use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/notifications`: newest first, with `view` (`unread`, `needs_you`), filters, `cursor` and `limit`.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, Query(query): Query) -> Response {
    if let Some(answer) = unanswerable(&store::notifications::LIST, &query) {
        return answer;
    }
    let work = async {
        let Some(maker) = bearer.maker else { return Ok(Page { rows: Vec::new(), next: None, total: Some(0) }) };
        let mut tx = bearer.begin(&shared).await?;
        let page = store::notifications::list(&mut tx, maker, &query).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(page)
    };
    match work.await {
        Ok(page) => Json(page).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}

/// `POST /api/v1/notifications/{id}/read`: 204, also for one that is read already.
pub async fn read(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async {
        let id: NotificationId = id.parse().map_err(|_| Refusal::NotFound)?;
        let maker = bearer.maker.ok_or(Refusal::NotFound)?;
        notifications::read(&bearer.actor(&shared), maker, id).await
    };
    done(work.await)
}

/// `POST /api/v1/notifications/read`: 204.
pub async fn read_all(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>) -> Response {
    let work = async {
        match bearer.maker {
            Some(maker) => notifications::read_all(&bearer.actor(&shared), maker).await.map(drop),
            None => Ok(()),
        }
    };
    done(work.await)
}

fn done(outcome: Result<(), Refusal>) -> Response {
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}
