//! How does a program follow a job: events with numbers; whoever comes back with the last number misses nothing.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::JobId;
use futures::Stream;
use store::listen::Note;
use store::outbox::{Happened, Mark};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::jobs::job_id;
use super::token::Bearer;
use crate::pages::Shared;
use crate::problem;

/// How long one stream lives; a client comes back with `Last-Event-ID`.
const LIFETIME: Duration = Duration::from_secs(600);
/// Rows read at once.
const BATCH: i64 = 200;
/// Longest pause between two looks, in case a notice was lost.
const LOOK: Duration = Duration::from_secs(5);

/// `GET /api/v1/provisioning/jobs/{id}/events`.
pub async fn stream(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let notes = shared.server.notes.subscribe();
    let begun = async {
        let job = job_id(&id)?;
        let mark = match last {
            Some(mark) => mark,
            None => store::outbox::now(&shared.app.db).await?,
        };
        let mut tx = bearer.begin(&shared).await?;
        let view = store::provisioning::get(&mut tx, job).await?;
        tx.commit().await?;
        Ok::<_, store::Error>((job, mark, view))
    };
    match begun.await {
        Ok((job, mark, view)) => {
            let state = serde_json::to_string(&view).unwrap_or_default();
            let first = Event::default().event("job").id(mark.to_string()).data(state);
            Sse::new(follow(shared, job, mark, notes, first))
                .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
                .into_response()
        }
        Err(error) => problem::of(error.into()),
    }
}

fn follow(
    shared: Shared,
    job: JobId,
    mut mark: Mark,
    mut notes: broadcast::Receiver<Note>,
    first: Event,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let (out, events) = mpsc::channel(64);
    let tasks = shared.server.tasks.clone();
    tasks.spawn(async move {
        if out.send(Ok(first)).await.is_err() {
            return;
        }
        let end = tokio::time::Instant::now() + LIFETIME;
        while tokio::time::Instant::now() < end && !shared.server.stopping.is_cancelled() {
            match drain(&shared, job, &mut mark, &out).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "an event stream could not read");
                    return;
                }
            }
            tokio::select! {
                () = out.closed() => return,
                () = shared.server.stopping.cancelled() => return,
                _ = tokio::time::timeout(LOOK, concerns(&mut notes, job.0)) => {}
            }
        }
    });
    ReceiverStream::new(events)
}

/// Sends everything after the mark; false when nobody listens any more.
async fn drain(
    shared: &Shared,
    job: JobId,
    mark: &mut Mark,
    out: &mpsc::Sender<Result<Event, Infallible>>,
) -> store::Result<bool> {
    loop {
        let rows = store::outbox::tail(&shared.app.db, mark, BATCH).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|count| count == BATCH);
        for row in rows {
            *mark = row.mark.clone();
            if row.subject == Some(job.0) && out.send(Ok(event(&row))).await.is_err() {
                return Ok(false);
            }
        }
        if !full {
            return Ok(true);
        }
    }
}

fn event(row: &Happened) -> Event {
    Event::default().event("change").id(row.mark.to_string()).data(row.payload.to_string())
}

/// Waits for a notice about the subject, or for one that may have been lost.
async fn concerns(notes: &mut broadcast::Receiver<Note>, subject: Uuid) {
    loop {
        match notes.recv().await {
            Ok(Note::Happened { subject: about, .. }) if about == Some(subject) => return,
            Ok(Note::Reconnected) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
