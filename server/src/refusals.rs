//! Which requests were refused before anybody knew who sends them: what the audit log says of them, once a minute for each kind
//! and route. A flood of them asks the database no more than once a second.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use store::Db;
use store::audit::Context;

/// Put into an answer by whoever refuses: the action that the log names.
#[derive(Clone, Copy, Debug)]
pub struct Refused(pub &'static str);

/// The second, counted from the first refusal, in which this process last asked the database; 0 while it never did.
static LAST: AtomicU64 = AtomicU64::new(0);
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Writes refusals into the log.
pub async fn layer(State(app): State<app::State>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", |path| path.as_str()).to_owned();
    let ip = crate::gate::client(&request);
    let answer = next.run(request).await;
    if let Some(Refused(action)) = answer.extensions().get::<Refused>().copied()
        && may_ask()
    {
        note(&app.db, action, &route, ip).await;
    }
    answer
}

/// Whether nobody asked in this second yet.
fn may_ask() -> bool {
    let now = BEGAN.elapsed().as_secs() + 1;
    LAST.fetch_max(now, Ordering::Relaxed) < now
}

async fn note(db: &Db, action: &'static str, route: &str, ip: Option<IpAddr>) {
    let context = Context { request_id: Some(crate::trace::current_request()), ip, ..Context::default() };
    let written = store::audit::within(context, store::audit::refused(db, action, route, "refused")).await;
    if let Err(error) = written {
        tracing::warn!(event = "audit.missed", %error, "a refusal could not be written into the log");
    }
}
