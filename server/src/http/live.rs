//! Serves the event stream of pages: one stream per browser that carries ids only; the pages then reload their own
//! data. A stream sends heartbeats, ends with the session that opened it, and ends after some minutes in any case, so a
//! person who lost a right loses the stream at the next authorisation check.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use futures::stream;
use store::listen::Note;
use tokio::time::Instant;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::wrappers::{BroadcastStream, IntervalStream};
use web::request_context::RequestContext;

use super::pages::Shared;
use super::problem;
use super::streams::{BEAT, OpenPage, unbuffered};

/// Lifetime of one stream.
const LIFETIME: Duration = Duration::from_secs(300);

/// `GET /a/{agency}/live`: streams the changes in one agency.
pub async fn agency(State(shared): State<Shared>, Extension(context): Extension<RequestContext>) -> Response {
    let (Some(place), Some(caller), Some(session)) = (context.agency().cloned(), &context.caller, context.session)
    else {
        return problem::of(web::Error::NotFound);
    };
    let open = match shared.server.streams.of_page(caller.user, place.id, session) {
        Ok(open) => open,
        Err(refused) => return refused,
    };
    let reaches = move |note: &Note| match note {
        Note::Happened { agency, business, .. } => {
            *agency == Some(place.id) && business.is_none_or(|business| place.reaches(business))
        }
        _ => false,
    };
    events(&shared, reaches, open)
}

fn events(shared: &Shared, wanted: impl Fn(&Note) -> bool + Send + 'static, open: OpenPage) -> Response {
    let changes = BroadcastStream::new(shared.server.notes.subscribe()).filter_map(move |note| {
        let event = match note {
            Ok(Note::Reconnected) | Err(BroadcastStreamRecvError::Lagged(_)) => Some(missed()),
            Ok(note) if wanted(&note) => Some(change(&note)),
            Ok(_) => None,
        };
        futures::future::ready(event)
    });
    let beat = BEAT.div_f64(shared.server.config.time_scale);
    let beats = IntervalStream::new(tokio::time::interval_at(Instant::now() + beat, beat));
    let beats = beats.map(|_| Event::default().event("beat").data("{}"));
    let stopping = shared.server.stopping.clone();
    // A stopping process ends its streams so that its pages connect to another process. A session that ends also
    // ends its streams.
    let over = async move {
        let over = async {
            tokio::select! { () = stopping.cancelled() => {}, () = open.ended.cancelled() => {} }
        };
        let _ = tokio::time::timeout(LIFETIME, over).await;
    };
    // The first event makes a page that reconnected read what it missed.
    let stream = stream::iter([Event::default().event("hello").data("{}")])
        .chain(stream::select(changes, beats))
        .map(Ok::<_, Infallible>)
        .take_until(over);
    let mut response = Sse::new(stream).into_response();
    unbuffered(&mut response);
    response
}

fn change(note: &Note) -> Event {
    let (topic, subject) = match note {
        Note::Happened { topic, subject, .. } => (topic.as_str(), subject.map(|id| id.to_string())),
        _ => ("", None),
    };
    Event::default().data(serde_json::json!({ "topic": topic, "subject": subject }).to_string())
}

/// Event for a page that missed something: it should reload its data.
fn missed() -> Event {
    Event::default().data(r#"{"topic":"missed","subject":null}"#)
}
