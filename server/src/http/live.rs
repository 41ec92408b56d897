//! Serves the event streams of pages: one per browser and area (`/a`, `/b`, `/admin`). A stream carries topics and ids only,
//! of what its caller may see and its pages show; the pages then ask for what changed. It sends heartbeats, ends with the
//! session that opened it, and ends after some minutes in any case, so a person who lost a right loses the stream at the
//! next authorisation check.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use domain::access::AgencyAccess;
use domain::topics::{MISSED, concerns};
use domain::{AgencyId, BusinessId};
use futures::StreamExt;
use futures::stream;
use serde::Deserialize;
use store::listen::Note;
use tokio::time::Instant;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;
use tokio_stream::wrappers::{BroadcastStream, IntervalStream};
use web::request_context::{CurrentTenant, RequestContext};

use super::pages::Shared;
use super::problem;
use super::streams::{BEAT, OpenPage, unbuffered};

/// Lifetime of one stream.
const LIFETIME: Duration = Duration::from_secs(300);

/// Longest list of topics that is read, in bytes. With a longer one the stream sends everything.
const MOST_TOPICS: usize = 4_000;

/// What a stream is asked for.
#[derive(Deserialize)]
pub struct Asked {
    /// The topics that the pages show, separated by blanks (`domain::topics`). Without it the stream sends everything.
    topics: Option<String>,
    /// The version of the page that opens the stream. Without it, or if it is not known, the page reads what it missed.
    since: Option<String>,
}

/// `GET /a/{agency}/live`, `/b/{business}/live` and `/admin/live`: streams the changes in the tenant of the address.
pub async fn stream(
    State(shared): State<Shared>,
    Extension(context): Extension<RequestContext>,
    Query(asked): Query<Asked>,
) -> Response {
    let (Some(caller), Some(session)) = (&context.caller, context.session) else {
        return problem::of(web::Error::NotFound);
    };
    let (area, reaches) = match context.tenant {
        CurrentTenant::NoTenant => return problem::of(web::Error::NotFound),
        CurrentTenant::Platform => (None, Reaches::Platform),
        CurrentTenant::Agency(place) => (Some(place.id), Reaches::Agency(place)),
        CurrentTenant::Business(place) => (Some(place.agency), Reaches::Business(place.id)),
    };
    let topics = asked.topics.filter(|topics| topics.len() <= MOST_TOPICS).unwrap_or_else(|| "*".to_owned());
    match shared.server.streams.of_page(caller.user, area, session) {
        Ok(open) => events(&shared, reaches, (topics, asked.since), open),
        Err(refused) => refused,
    }
}

/// Whose changes a stream sends.
enum Reaches {
    /// Changes of the platform and of every agency. Pages of the platform show metadata alone, and an event is less.
    Platform,
    /// Changes in an agency, and in the businesses that the person reaches.
    Agency(AgencyAccess),
    /// Changes in one business.
    Business(BusinessId),
}

impl Reaches {
    fn note(&self, agency: Option<AgencyId>, business: Option<BusinessId>) -> bool {
        match self {
            Self::Platform => true,
            Self::Agency(place) => agency == Some(place.id) && business.is_none_or(|business| place.reaches(business)),
            Self::Business(id) => business == Some(*id),
        }
    }
}

fn events(shared: &Shared, reaches: Reaches, (topics, since): (String, Option<String>), open: OpenPage) -> Response {
    let (missed, coming) = shared.server.recent.since(since.as_deref());
    // The first event says whether the page has to read what it missed, or is told so here.
    let first = if missed.is_some() { "resumed" } else { "hello" };
    let missed = stream::iter(missed.unwrap_or_default().into_iter().map(Ok));
    let changes = missed.chain(BroadcastStream::new(coming)).filter_map(move |note| {
        let event = match note {
            Ok(Note::Reconnected) | Err(BroadcastStreamRecvError::Lagged(_)) => Some(MISSED.to_owned()),
            Ok(Note::Happened { topic, agency, business, subject }) if reaches.note(agency, business) => {
                let subject = subject.map(|id| id.to_string()).unwrap_or_default();
                Some(format!("{topic}:{subject}")).filter(|event| concerns(&topics, event))
            }
            Ok(_) => None,
        };
        futures::future::ready(event.map(|event| Event::default().data(event)))
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
    let stream = stream::iter([Event::default().event(first).data("{}")])
        .chain(stream::select(changes, beats))
        .map(Ok::<_, Infallible>)
        .take_until(over);
    let mut response = Sse::new(stream).into_response();
    unbuffered(&mut response);
    response
}
