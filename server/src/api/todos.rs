//! API handlers for to-dos: list, read, and change one: tick it, reopen it, assign it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::TodoId;
use domain::todos::ChangeTodo;
use operations::{Refusal, todos};
use serde::Serialize;

use super::body::Body;
use super::query::{Query, unanswerable};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;

/// `GET /api/v1/todos`: open ones, newest first, with `view`, `q`, `cursor`, `limit` and filters.
pub async fn list(State(shared): State<Shared>, Extension(bearer): Extension<Bearer>, Query(query): Query) -> Response {
    if let Some(answer) = unanswerable(&store::todos::LIST, &query) {
        return answer;
    }
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let page = store::todos::list(&mut tx, &query).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(page)
    };
    answer(work.await)
}

/// `GET /api/v1/todos/{id}`.
pub async fn get(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
) -> Response {
    let work = async {
        let mut tx = bearer.begin(&shared).await?;
        let todo = store::todos::get(&mut tx, todo_id(&id)?).await?;
        tx.commit().await?;
        Ok::<_, Refusal>(todo)
    };
    answer(work.await)
}

/// `PUT /api/v1/todos/{id}`: the to-do becomes what the body says.
pub async fn change(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    Body { value }: Body<ChangeTodo>,
) -> Response {
    let work = async { todos::change(&bearer.actor(&shared), todo_id(&id)?, &value).await };
    answer(work.await)
}

/// Parses an id from the path. An invalid id counts as not found, like the id of another tenant's to-do.
fn todo_id(text: &str) -> Result<TodoId, Refusal> {
    text.parse().map_err(|_| Refusal::NotFound)
}

fn answer(outcome: Result<impl Serialize, Refusal>) -> Response {
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => problem::refused(refusal),
    }
}
