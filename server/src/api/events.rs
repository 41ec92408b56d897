//! Streams the events of one job to a program. Every event has an id; a program that reconnects with its last id
//! misses nothing. The first event is the job as it is now, so a program whose id is no longer known can start
//! from there.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use domain::JobId;
use store::listen::Note;
use store::outbox::{OutboxCursor, OutboxEvent};
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::jobs::{job_id, read};
use super::token::Bearer;
use crate::http::pages::Shared;
use crate::http::problem;
use crate::http::streams::{BEAT, Open, unbuffered};

/// Lifetime of one stream; the client reconnects with `Last-Event-ID`.
const LIFETIME: Duration = Duration::from_secs(600);
/// Rows read by one query.
const BATCH: i64 = 200;
/// Longest pause between two queries, in case a notice was lost.
const MAX_POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Longest time between two checks whether the token may still read.
const RECHECK_TOKEN: Duration = Duration::from_secs(15);

/// `GET /api/v1/provisioning/jobs/{id}/events`.
pub async fn stream(
    State(shared): State<Shared>,
    Extension(bearer): Extension<Bearer>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let place = match shared.server.streams.of_program(bearer.token, bearer.agency, bearer.maker) {
        Ok(place) => place,
        Err(refused) => return refused,
    };
    let last =
        headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<Uuid>().ok());
    let notes = shared.server.notes.subscribe();
    let begun = async {
        let job = job_id(&id)?;
        let (cursor, last) = store::outbox::resume(&shared.app.db, job.0, last).await?;
        let mut tx = bearer.begin(&shared).await?;
        let view = read(&mut tx, job).await?;
        tx.commit().await?;
        Ok::<_, store::Error>((job, cursor, last, view))
    };
    match begun.await {
        Ok((.., Err(known))) => problem::order_unreadable(*known),
        Ok((job, cursor, last, Ok(view))) => {
            let state = serde_json::to_string(&view).unwrap_or_default();
            let first = Event::default().event("job").id(last.to_string()).data(state);
            let (out, events) = mpsc::channel(64);
            let tasks = shared.server.tasks.clone();
            let follower = Follower { shared, bearer, job, cursor, out, checked_at: Instant::now(), _place: place };
            tasks.spawn(follower.follow(notes, first));
            let mut response =
                Sse::new(ReceiverStream::new(events)).keep_alive(KeepAlive::new().interval(BEAT)).into_response();
            unbuffered(&mut response);
            response
        }
        Err(error) => problem::of(error.into()),
    }
}

/// A program that follows a job.
struct Follower {
    shared: Shared,
    bearer: Bearer,
    job: JobId,
    cursor: OutboxCursor,
    out: mpsc::Sender<Result<Event, Infallible>>,
    /// When the token was last checked.
    checked_at: Instant,
    _place: Open,
}

impl Follower {
    /// Sends what happens, until the stream's lifetime ends, the process stops, the client disconnects or the
    /// token may no longer read.
    async fn follow(mut self, mut notes: broadcast::Receiver<Note>, first: Event) {
        if self.out.send(Ok(first)).await.is_err() {
            return;
        }
        let (end, stopping) = (Instant::now() + LIFETIME, self.shared.server.stopping.clone());
        while Instant::now() < end && !stopping.is_cancelled() {
            match self.drain().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(%error, "an event stream could not read");
                    return;
                }
            }
            tokio::select! {
                () = self.out.closed() => return,
                () = stopping.cancelled() => return,
                _ = tokio::time::timeout(MAX_POLL_INTERVAL, wait_for_notice(&mut notes, self.job.0)) => {}
            }
        }
    }

    /// Sends everything after the cursor. Returns false if the client has disconnected or the token may no longer
    /// read.
    async fn drain(&mut self) -> store::Result<bool> {
        loop {
            let rows = store::outbox::tail(&self.shared.app.db, self.job.0, &self.cursor, BATCH).await?;
            let full = i64::try_from(rows.len()).is_ok_and(|count| count == BATCH);
            if (!rows.is_empty() || self.checked_at.elapsed() >= RECHECK_TOKEN) && !self.is_still_allowed().await {
                return Ok(false);
            }
            for row in rows {
                if self.out.send(Ok(event(&row))).await.is_err() {
                    return Ok(false);
                }
                self.cursor = row.cursor;
            }
            if !full {
                return Ok(true);
            }
        }
    }

    async fn is_still_allowed(&mut self) -> bool {
        self.checked_at = Instant::now();
        self.bearer.is_still_allowed(&self.shared).await
    }
}

fn event(row: &OutboxEvent) -> Event {
    Event::default().event("change").id(row.id.to_string()).data(row.payload.to_string())
}

/// Waits for a notice about the subject, or for the sign that notices may have been lost.
async fn wait_for_notice(notes: &mut broadcast::Receiver<Note>, subject: Uuid) {
    loop {
        match notes.recv().await {
            Ok(Note::Happened { subject: about, .. }) if about == Some(subject) => return,
            Ok(Note::Reconnected) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
