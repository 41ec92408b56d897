//! From where does Instagram fetch a file that a person sends? From an address that we signed for this file and for a short
//! time; the signature stands in place of a session.

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use domain::messaging::file;
use domain::{AttachmentId, BusinessId};
use meta::media::{SentAs, is_link};
use serde::Deserialize;
use store::messaging::attachments;
use store::tenant::{Scope, TenantTx};
use tower::ServiceExt as _;
use tower_http::services::ServeFile;
use web::Error;

use super::pages::Shared;
use super::problem;

/// What the address carries.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Proof {
    until: String,
    signature: String,
}

/// `GET /api/meta/files/{business}/{attachment}?until=…&signature=…`.
pub async fn read(
    State(shared): State<Shared>,
    Path((business, attachment)): Path<(String, String)>,
    Query(proof): Query<Proof>,
    request: Request,
) -> Response {
    let secret = &shared.app.meta.settings().app_secret;
    let until = proof.until.parse().unwrap_or(0);
    if !is_link(secret, (&business, &attachment), until, &proof.signature, Utc::now().timestamp()) {
        return problem::of(Error::NotFound);
    }
    match found(&shared, &business, &attachment).await {
        Ok((business, file)) => send(&shared, business, &file, request).await,
        Err(error) => problem::of(error),
    }
}

async fn found(shared: &Shared, business: &str, attachment: &str) -> Result<(BusinessId, attachments::File), Error> {
    let business: BusinessId = business.parse().map_err(|_| Error::NotFound)?;
    let attachment: AttachmentId = attachment.parse().map_err(|_| Error::NotFound)?;
    let mut tx = TenantTx::begin(&shared.app.db, Scope::Business { user: None, business }).await?;
    let found = attachments::file(&mut tx, attachment).await?;
    tx.commit().await?;
    Ok((business, found))
}

/// The file under the type that the platform knows it by.
async fn send(shared: &Shared, business: BusinessId, found: &attachments::File, request: Request) -> Response {
    let sent = found.mime.as_deref().and_then(|mime| SentAs::of(meta::send::Channel::Instagram, mime));
    let Some(Ok(kind)) = sent.map(|sent| sent.media_type.parse()) else { return problem::of(Error::NotFound) };
    let path = shared.server.config.data.join(file::FOLDER).join(file::path(business, &found.sha256));
    let mut answer = match ServeFile::new_with_mime(path, &kind).oneshot(request).await {
        Ok(answer) if answer.status() == StatusCode::NOT_FOUND => return problem::of(Error::NotFound),
        Ok(answer) => answer.map(Body::new).into_response(),
        Err(never) => match never {},
    };
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    answer
}
