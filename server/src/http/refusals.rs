//! Writes requests that were refused before their sender was known into the audit log, once a minute for each kind
//! and route. Refusals of one kind query the database at most once a second and never hide those of another kind.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use store::Db;
use store::audit::Context;

/// Marks a refused response with the action that the audit log names.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub &'static str);

/// Writes the refusals of one server.
#[derive(Clone)]
pub struct Recorder {
    app: web::State,
    began: Instant,
    last: Arc<LastRecorded>,
}

impl Recorder {
    /// A recorder that has written nothing yet.
    #[must_use]
    pub fn new(app: web::State) -> Self {
        Self { app, began: Instant::now(), last: Arc::default() }
    }
}

/// The second, counted from the server's start, in which this process last queried the database for each action.
#[derive(Default)]
struct LastRecorded(Mutex<BTreeMap<&'static str, u64>>);

impl LastRecorded {
    /// Takes this second for the action. Returns true if it was not taken yet.
    fn take(&self, action: &'static str, second: u64) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert(action, second) != Some(second)
    }
}

/// Writes refusals into the audit log.
pub async fn layer(State(recorder): State<Recorder>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", |path| path.as_str()).to_owned();
    let ip = super::authentication::client(&request);
    let answer = next.run(request).await;
    if let Some(Refused(action)) = answer.extensions().get::<Refused>().copied()
        && recorder.last.take(action, recorder.began.elapsed().as_secs())
    {
        note(&recorder.app.db, action, &route, ip).await;
    }
    answer
}

async fn note(db: &Db, action: &'static str, route: &str, ip: Option<IpAddr>) {
    let context = Context { request_id: Some(super::trace::current_request()), ip, ..Context::default() };
    let written = store::audit::within(context, store::audit::refused(db, action, route, "refused")).await;
    if let Err(error) = written {
        tracing::warn!(event = "audit.not_written", %error, "a refusal could not be written into the log");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_kind_hides_no_other() {
        let last = LastRecorded::default();
        assert!(last.take("request.cross_site", 0));
        assert!((0..1000).all(|_| !last.take("request.cross_site", 0)));
        assert!(last.take("token.refused", 0), "another kind in the same second");
        assert!(!last.take("token.refused", 0) && last.take("token.refused", 1));
    }
}
