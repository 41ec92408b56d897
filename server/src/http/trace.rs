//! Gives each request an id that appears in every log line and in every error a person sees. Log lines name the route
//! template, never the URL, because URLs can contain secrets.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use domain::{AgencyId, BusinessId, UserId};
use tracing::Instrument;
use tracing::field::{Empty, display};

tokio::task_local! {
    static REQUEST: String;
}

/// Returns the id of the request being served, or a dash outside of one.
#[must_use]
pub fn current_request() -> String {
    REQUEST.try_with(Clone::clone).unwrap_or_else(|_| "-".to_owned())
}

/// Keeps the id of the request being served for work that goes on in a task of its own.
pub fn carried<F: Future>(work: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(current_request(), work.in_current_span())
}

/// Adds the person, agency and business to every further log line of this request, as ids only.
pub fn belongs_to(user: Option<UserId>, agency: Option<AgencyId>, business: Option<BusinessId>) {
    let span = tracing::Span::current();
    user.map(|id| span.record("user", display(id)));
    agency.map(|id| span.record("agency", display(id)));
    business.map(|id| span.record("business", display(id)));
}

/// Gives the request an id, measures it and logs one line.
pub async fn layer(request: Request, next: Next) -> Response {
    let id = uuid::Uuid::now_v7().simple().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", |path| path.as_str()).to_owned();
    let method = request.method().clone();
    let span =
        tracing::info_span!("request", request = %id, %method, route, user = Empty, agency = Empty, business = Empty);
    let started = Instant::now();
    let work = async {
        let mut response = next.run(request).await;
        let elapsed = started.elapsed();
        let status = response.status().as_u16();
        metrics::histogram!("http_request_seconds", "route" => route.clone()).record(elapsed.as_secs_f64());
        metrics::counter!("http_requests_total", "route" => route, "status" => status.to_string()).increment(1);
        tracing::info!(status, ms = elapsed.as_millis(), "served");
        if let Ok(value) = HeaderValue::from_str(&current_request()) {
            response.headers_mut().insert("x-request-id", value);
        }
        response
    };
    REQUEST.scope(id, work.instrument(span)).await
}
