//! How does a page hear that something changed: one event stream a tab, ids only; the page then reads itself anew.
//! A stream ends after some minutes, so that whoever lost their rights loses the stream at the next door check.

use std::convert::Infallible;
use std::time::Duration;

use app::visit::Visit;
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::stream;
use store::listen::Note;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_util::sync::CancellationToken;

use crate::pages::Shared;
use crate::problem;

/// How long one stream lives.
const LIFETIME: Duration = Duration::from_secs(300);

/// `GET /a/{agency}/live`: what changes in one agency.
pub async fn agency(State(shared): State<Shared>, Extension(visit): Extension<Visit>) -> Response {
    let Some(place) = visit.agency().cloned() else { return problem::of(app::Error::NotFound) };
    let reaches = move |note: &Note| match note {
        Note::Happened { agency, business, .. } => {
            *agency == Some(place.id) && business.is_none_or(|business| place.reaches(business))
        }
        _ => false,
    };
    events(shared.server.notes.subscribe(), reaches, shared.server.stopping.clone())
}

fn events(
    notes: broadcast::Receiver<Note>,
    wanted: impl Fn(&Note) -> bool + Send + 'static,
    stopping: CancellationToken,
) -> Response {
    let changes = BroadcastStream::new(notes).filter_map(move |note| {
        let event = match note {
            Ok(Note::Reconnected) | Err(BroadcastStreamRecvError::Lagged(_)) => Some(missed()),
            Ok(note) if wanted(&note) => Some(change(&note)),
            Ok(_) => None,
        };
        futures::future::ready(event.map(Ok::<_, Infallible>))
    });
    // The first event makes a page that reconnected read what it missed meanwhile.
    let stream = stream::iter([Ok(Event::default().event("hello").data("{}"))])
        .chain(changes)
        // A process that leaves lets its pages go to another one.
        .take_until(async move { tokio::time::timeout(LIFETIME, stopping.cancelled()).await.is_ok() });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

fn change(note: &Note) -> Event {
    let (topic, subject) = match note {
        Note::Happened { topic, subject, .. } => (topic.as_str(), subject.map(|id| id.to_string())),
        _ => ("", None),
    };
    Event::default().data(serde_json::json!({ "topic": topic, "subject": subject }).to_string())
}

/// Something was missed: the page should read itself anew.
fn missed() -> Event {
    Event::default().data(r#"{"topic":"missed","subject":null}"#)
}
